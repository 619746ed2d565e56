/** Reads and writes the layout of `api-key/layout.ts`. Lua counts bytes from 1. */
export const apiKeyRecord = `
local EXPIRES, USED, REVOKED, BY = 1, 2, 4, 8

local function read(bytes)
  local k = { bytes = bytes }
  k.flags, k.created, k.expires, k.used, k.revoked = struct.unpack('>BI6I6I6I6', bytes, 2)
  return k
end

local function has(k, flag)
  return bit.band(k.flags, flag) ~= 0
end

local function mark(k, flag)
  k.flags = bit.bor(k.flags, flag)
end

local function live(k, now)
  return not has(k, REVOKED) and not (has(k, EXPIRES) and now >= k.expires)
end

local function user_of(k)
  return k.bytes:sub(61, 60 + struct.unpack('>I2', k.bytes, 59))
end

-- The call that revoked the key; nothing if an earlier version did.
local function revoked_by(k)
  return has(k, BY) and k.bytes:sub(-16)
end

local function write(key, k)
  k.bytes = k.bytes:sub(1, 1)
    .. struct.pack('>BI6I6I6I6', k.flags, k.created, k.expires, k.used, k.revoked)
    .. k.bytes:sub(27)
  redis.call('SET', key, k.bytes, 'KEEPTTL')
end

local function revoke(key, k, call, now)
  mark(k, REVOKED)
  mark(k, BY)
  k.revoked = now
  k.bytes = k.bytes .. call
  write(key, k)
end

-- The index expires with its last key; a key without an expiry keeps the index forever.
local function set_index_expiry(index)
  local score = redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')[2]
  if score == 'inf' then
    redis.call('PERSIST', index)
  elseif score then
    redis.call('PEXPIREAT', index, score * 60000)
  end
end
`;
