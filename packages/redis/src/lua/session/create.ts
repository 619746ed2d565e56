import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { liveSessions } from './live.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';

/**
 * KEYS: session, index. ARGV: prefix, record before and after the times, idleTimeout,
 * expiresAt, user id, limit (0: none), policy.
 * Refused as a whole where memory is full: the flag that all others have is absent here.
 * Answers `exists`, `refused`, or `created` with the time and the ids that had to go.
 */
export const createSession: Script = new Script(
  '#!lua',
  time,
  sessionRecord,
  revocation,
  userIndex,
  liveSessions,
  `
local key, index = KEYS[1], KEYS[2]
local prefix, head, tail = ARGV[1], ARGV[2], ARGV[3]
local idle, expires, max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[7])

-- The very same session again, still unused: a client has sent a command twice whose reply was lost.
local known = redis.call('GET', key)
if known then
  local same = known:sub(1, #head) == head and known:sub(#head + 19) == tail
  return same and { 'created', read(known).created } or { 'exists' }
end

-- By createdAt, then by id as bytes; Lua's own comparison of strings goes by the locale.
local function older(a, b)
  if a.created ~= b.created then return a.created < b.created end
  for i = 1, #a.id do
    local x, y = a.id:byte(i), b.id:byte(i)
    if x ~= y then return x < y end
  end
  return false
end

-- Scores are minutes, rounded up: what is below the present minute has expired for good.
redis.call('ZREMRANGEBYSCORE', index, '-inf', '(' .. math.floor(now / 60000))
local surplus = {}
if max > 0 and redis.call('ZCARD', index) >= max then
  local live, gone = live_sessions(index, key:sub(1, -23), ARGV[6], now)
  forget(index, gone)
  if #live >= max and ARGV[8] == 'refuse' then return { 'refused' } end
  table.sort(live, older)
  for i = 1, #live - max + 1 do surplus[i] = live[i] end
end

redis.call('SET', key, head .. struct.pack('>I6I6I6', now, now, now) .. tail,
  'PXAT', math.min(expires, now + idle))
redis.call('ZADD', index, math.ceil(expires / 60000), key:sub(-22))
if redis.call('PEXPIRETIME', index) < expires then redis.call('PEXPIREAT', index, expires) end
local answer = { 'created', now }
for _, s in ipairs(surplus) do
  revoke(prefix, s.key, s, 'evicted', now)
  answer[#answer + 1] = s.id
end
return answer
`,
);
