/** Ends a session, and tells everybody who listens. Needs `session-record.ts`. */
export const revocation = `
-- s{sh}<22> of the session and u{sh}<user> of its user share what stands in braces.
local function shard_of(key)
  return key:sub(-26, -23)
end

local function publish(prefix, key, reason)
  redis.call('PUBLISH', prefix .. 'revoked', key:sub(-25, -24) .. key:sub(-22) .. reason)
end

local function revoke(prefix, key, s, reason, now)
  local from = after_hashes(s)
  local user = s.bytes:sub(from + 2, from + 1 + struct.unpack('>I2', s.bytes, from))
  mark(s, REVOKED, true)
  s.bytes = header(s) .. s.bytes:sub(56, from - 1) .. struct.pack('>I6I2', now, #reason) .. reason
    .. s.bytes:sub(from)
  redis.call('SET', key, s.bytes, 'KEEPTTL')
  -- May fail while slots migrate. Then the index keeps an id too many, which does no harm.
  redis.pcall('ZREM', prefix .. 'u' .. shard_of(key) .. user, key:sub(-22))
  publish(prefix, key, reason)
end
`;
