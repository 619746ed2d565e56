import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { sessionOrder } from './order.ts';
import { pendingRevocations } from './pending.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';
import { indexWindows } from './windows.ts';

/**
 * KEYS: session, index, ids that this call evicted, pending revocations. ARGV: prefix, record before the
 * times, record after the times, idleTimeout, expiresAt, user id, limit (0 for none), policy, callId.
 * Without the flag `allow-oom` that the other scripts have, so Redis refuses it when memory is full.
 * Returns `exists`, `refused`, `again` (it has removed many sessions that had expired, and has not seen
 * all), or `created` with the time, whether evicted sessions are still pending, and the ids of those
 * that are not; if this call is sent again, `known` with the record and the same.
 */
export const createSession: Script = new Script(
  '#!lua',
  time,
  sessionRecord,
  revocation,
  sessionOrder,
  pendingRevocations,
  userIndex,
  indexWindows,
  `
local key, index, log = KEYS[1], KEYS[2], KEYS[3]
local prefix, head, tail = ARGV[1], ARGV[2], ARGV[3]
local idle, expires, max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[7])
local refuse, call = ARGV[8] == 'refuse', ARGV[9]
local at = open_index(index, KEYS[4], prefix, key:sub(1, -23), ARGV[6])

-- There may be more ids than "unpack" accepts.
local function with_ids(reply, ids)
  for _, id in ipairs(ids) do reply[#reply + 1] = id end
  return reply
end

local known = redis.call('GET', key)
if known then
  -- The call that created the session, sent again: generation 0 has the same token.
  local same = read(known).generation == 0 and known:sub(56, 87) == tail:sub(22, 53)
  if not same then return { 'exists' } end
  local pending = is_pending(at, call)
  return with_ids({ 'known', known, pending and 1 or 0 }, pending and {} or remembered(log))
end

-- The session is not one of those that a pending revocation ends.
for _, p in ipairs(at.pending) do now = math.max(now, p.created + 1) end
sweep(at)

-- Returns the position of the newest session of the surplus, or nothing. Exact for limits up to 1,000;
-- above, a session that has expired and that nobody has looked for may count.
local function newest_surplus()
  if max > 1000 then
    read_live(at, redis.call('ZRANGE', index, 0, MANY_SESSIONS - 1))
    local found = redis.call('ZREVRANGE', index, max - 1, max - 1, 'WITHSCORES')
    return found[1], tonumber(found[2])
  end
  local live, from = 0, 0
  for _ = 1, 20 do
    local ids = redis.call('ZREVRANGE', index, from, from + STEP - 1)
    if #ids == 0 then return end
    local some, stay = read_live(at, ids)
    local s = some[max - live]
    if s then return s.id, s.created end
    live, from = live + #some, from + stay
  end
  return 'again'
end

local surplus, pending = {}, nil
if max > 0 and redis.call('ZCARD', index) >= max then
  adopt(at)
  local id, created = newest_surplus()
  if id == 'again' then return { 'again' } end
  if id and refuse then return { 'refused' } end
  local count = id and redis.call('ZRANK', index, id) + 1 or 0
  if count > MANY_SESSIONS then
    pending = { created = created, id = id, reason = 'evicted', call = call, at = now, log = log }
  elseif count > 0 then
    surplus = read_live(at, redis.call('ZRANGE', index, 0, count - 1))
  end
end

local many = redis.call('ZCARD', index)
if many >= MANY_SESSIONS then
  head = head:sub(1, 1) .. string.char(head:byte(2) + MANY) .. head:sub(3)
  if many == MANY_SESSIONS then
    for _, s in ipairs((read_live(at, redis.call('ZRANGE', index, 0, -1)))) do
      mark_many(s.key, s.bytes)
    end
  end
end
redis.call('SET', key, head .. struct.pack('>I6I6I6', now, now, now) .. tail,
  'PXAT', math.min(expires, now + idle))
redis.call('ZADD', index, now, key:sub(-22))
if redis.call('PEXPIRETIME', index) < expires then redis.call('PEXPIREAT', index, expires) end
local evicted = {}
for i, s in ipairs(surplus) do
  revoke(prefix, s.key, s, 'evicted', call, now)
  evicted[i] = s.id
end
if #evicted > 0 then remember(log, evicted) end
if pending then add_pending(at, pending) end
-- Those that have expired are mostly the oldest ones.
if many > 8 then read_live(at, redis.call('ZRANGE', index, 0, 1)) end
return with_ids({ 'created', now, pending and 1 or 0 }, evicted)
`,
);
