/** Revokes a session and publishes the revocation. Needs `session/record.ts`. */
export const revocation = `
-- The key of the session and the key of its user's index have the same hash tag.
local function shard_of(key)
  return key:sub(-26, -23)
end

local function publish(prefix, key, reason)
  redis.call('PUBLISH', prefix .. 'revoked', key:sub(-25, -24) .. key:sub(-22) .. reason)
end

local function revoke(prefix, key, s, reason, now)
  local from = after_hashes(s)
  local index = prefix .. 'u' .. shard_of(key) .. redis.sha1hex(user_of(s)):sub(1, 22)
  mark(s, REVOKED, true)
  s.bytes = header(s) .. s.bytes:sub(56, from - 1) .. struct.pack('>I6I2', now, #reason) .. reason
    .. s.bytes:sub(from)
  redis.call('SET', key, s.bytes, 'KEEPTTL')
  -- May fail while the slot migrates. The index then keeps a surplus id, which is harmless.
  redis.pcall('ZREM', index, key:sub(-22))
  publish(prefix, key, reason)
end
`;
