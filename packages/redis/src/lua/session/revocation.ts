/**
 * Revokes a session with the callId of the call, and publishes the revocation. Needs
 * `session/record.ts`.
 */
export const revocation = `
-- The key of the session and the key of its user's index have the same hash tag.
local function shard_of(key)
  return key:sub(-26, -23)
end

local function publish(prefix, key, reason)
  redis.call('PUBLISH', prefix .. 'revoked', key:sub(-25, -24) .. key:sub(-22) .. reason)
end

local function revoke(prefix, key, s, reason, call, now)
  local index = prefix .. 'u' .. shard_of(key) .. redis.sha1hex(user_of(s)):sub(1, 22)
  local token, ring, access = hashes_of(s)
  local tail = s.bytes:sub(after_hashes(s))
  mark(s, REVOKED, true)
  s.revoked_by = call
  assemble(s, token, ring, access, struct.pack('>I6I2', now, #reason) .. reason .. tail)
  redis.call('SET', key, s.bytes, 'KEEPTTL')
  -- May fail while the slot migrates. The index then keeps a surplus id, which is harmless.
  redis.pcall('ZREM', index, key:sub(-22))
  publish(prefix, key, reason)
end

-- The ids that a call has revoked, for the ten minutes in which it may be sent again.
local function remember(key, ids)
  redis.call('SET', key, table.concat(ids), 'PX', 600000)
end

local function remembered(key)
  local ids = {}
  for id in (redis.call('GET', key) or ''):gmatch(('.'):rep(22)) do ids[#ids + 1] = id end
  return ids
end
`;
