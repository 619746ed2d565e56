import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { liveSessions } from './live.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';

/**
 * KEYS: session, index, ids that this call evicted. ARGV: prefix, record before the times, record after
 * the times, idleTimeout, expiresAt, user id, limit (0 for none), policy, callId.
 * Without the flag `allow-oom` that the other scripts have, so Redis refuses it when memory is full.
 * Returns `exists`, `refused`, or `created` with the time and the ids of the evicted sessions; if this
 * call is sent again, `known` with the record and those ids.
 */
export const createSession: Script = new Script(
  '#!lua',
  time,
  sessionRecord,
  revocation,
  userIndex,
  liveSessions,
  `
-- There may be more ids than "unpack" accepts.
local function with_ids(reply, ids)
  for _, id in ipairs(ids) do reply[#reply + 1] = id end
  return reply
end

local key, index = KEYS[1], KEYS[2]
local prefix, head, tail = ARGV[1], ARGV[2], ARGV[3]
local idle, expires, max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[7])

local known = redis.call('GET', key)
if known then
  -- The call that created the session, sent again: generation 0 has the same token.
  local same = read(known).generation == 0 and known:sub(56, 87) == tail:sub(22, 53)
  if not same then return { 'exists' } end
  return with_ids({ 'known', known }, remembered(KEYS[3]))
end

-- Orders by createdAt, then by the bytes of the id; Lua compares strings by the locale.
local function older(a, b)
  if a.created ~= b.created then return a.created < b.created end
  for i = 1, #a.id do
    local x, y = a.id:byte(i), b.id:byte(i)
    if x ~= y then return x < y end
  end
  return false
end

-- Scores are minutes of expiry, rounded up: a score below the current minute has expired.
redis.call('ZREMRANGEBYSCORE', index, '-inf', '(' .. math.floor(now / 60000))
local surplus = {}
if max > 0 and redis.call('ZCARD', index) >= max then
  local live, stale = live_sessions(index, key:sub(1, -23), ARGV[6], now)
  forget(index, stale)
  if #live >= max and ARGV[8] == 'refuse' then return { 'refused' } end
  table.sort(live, older)
  for i = 1, #live - max + 1 do surplus[i] = live[i] end
end

redis.call('SET', key, head .. struct.pack('>I6I6I6', now, now, now) .. tail,
  'PXAT', math.min(expires, now + idle))
redis.call('ZADD', index, math.ceil(expires / 60000), key:sub(-22))
if redis.call('PEXPIRETIME', index) < expires then redis.call('PEXPIREAT', index, expires) end
local evicted = {}
for i, s in ipairs(surplus) do
  revoke(prefix, s.key, s, 'evicted', ARGV[9], now)
  evicted[i] = s.id
end
if #evicted > 0 then remember(KEYS[3], evicted) end
return with_ids({ 'created', now }, evicted)
`,
);
