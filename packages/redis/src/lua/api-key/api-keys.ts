import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { liveApiKeys } from './live.ts';
import { apiKeyRecord } from './record.ts';

/**
 * KEYS: key, index. ARGV: record, start of the key names, user id, limit (0 for none), expiresAt or nothing.
 * Returns createdAt, or nil if the id already exists, or 0 if the user has too many. The call that created the key, sent again,
 * gets its createdAt again.
 */
export const createApiKey: Script = new Script(
  '#!lua',
  time,
  apiKeyRecord,
  userIndex,
  liveApiKeys,
  `
local key, index, limit, expires = KEYS[1], KEYS[2], tonumber(ARGV[4]), tonumber(ARGV[5])
local known = redis.call('GET', key)
if known then
  return known:sub(27, 58) == ARGV[1]:sub(27, 58) and read(known).created
end
redis.call('ZREMRANGEBYSCORE', index, '-inf', '(' .. math.floor(now / 60000))
if limit > 0 and redis.call('ZCARD', index) >= limit then
  local alive, stale = live_api_keys(index, ARGV[2], ARGV[3], now)
  forget(index, stale)
  if #alive >= limit then return 0 end
end
local bytes = ARGV[1]:sub(1, 2) .. struct.pack('>I6', now) .. ARGV[1]:sub(9)
redis.call('SET', key, bytes)
if expires then redis.call('PEXPIREAT', key, expires) end
redis.call('ZADD', index, expires and math.ceil(expires / 60000) or 'inf', key:sub(-22))
set_index_expiry(index)
return now
`,
);

/** KEYS: key. ARGV: interval or nothing. Returns the time, the key name and the record, or nil. */
export const findApiKey: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  apiKeyRecord,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
if ARGV[1] then
  local k = read(bytes)
  if live(k, now) and (not has(k, USED) or now - k.used >= tonumber(ARGV[1])) then
    mark(k, USED)
    k.used = now
    write(KEYS[1], k)
    bytes = k.bytes
  end
end
return { now, KEYS[1], bytes }
`,
);

/**
 * KEYS: index. ARGV: start of the key names, user id.
 * Returns the end of the id and the record of each live key.
 */
export const listApiKeys: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  apiKeyRecord,
  userIndex,
  liveApiKeys,
  `
local alive, stale = live_api_keys(KEYS[1], ARGV[1], ARGV[2], now)
forget(KEYS[1], stale)
local reply = {}
for _, k in ipairs(alive) do
  reply[#reply + 1] = k.id
  reply[#reply + 1] = k.bytes
end
return reply
`,
);

/**
 * KEYS: key. ARGV: start of the index's key name, callId, user id that must match or nothing.
 * Returns `revoked`, `already_revoked` or `missing`.
 */
export const revokeApiKey: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  apiKeyRecord,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return 'missing' end
local k = read(bytes)
local user = user_of(k)
if ARGV[3] and ARGV[3] ~= user then return 'missing' end
if has(k, REVOKED) then return revoked_by(k) == ARGV[2] and 'revoked' or 'already_revoked' end
revoke(KEYS[1], k, ARGV[2], now)
-- May fail while the slot migrates. The index then keeps a surplus id, which is harmless.
local index = ARGV[1] .. redis.sha1hex(user):sub(1, 22)
local removed = redis.pcall('ZREM', index, KEYS[1]:sub(-22))
if removed == 1 then set_index_expiry(index) end
return 'revoked'
`,
);

/**
 * KEYS: index, ids that this call revoked. ARGV: start of the key names, user id, callId.
 * Returns how many keys it revoked, now or when it was sent the first time.
 */
export const revokeUserApiKeys: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  apiKeyRecord,
  userIndex,
  liveApiKeys,
  `
local alive, stale = live_api_keys(KEYS[1], ARGV[1], ARGV[2], now)
for _, k in ipairs(alive) do
  revoke(k.key, k, ARGV[3], now)
  stale[#stale + 1] = k.id
end
forget(KEYS[1], stale)
set_index_expiry(KEYS[1])
local count = #alive + (redis.call('GET', KEYS[2]) or 0)
if count > 0 then redis.call('SET', KEYS[2], count, 'PX', 600000) end
return count
`,
);
