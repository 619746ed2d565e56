/** Reads and writes the layout of `session/layout.ts`. Lua counts bytes from 1. */
export const sessionRecord = `
local HEADER = '>BBI2I4I4I2BBI6I6I6I6I6I5I4'
local CONFIRMED, REVOKED, ACCESS, PREVIOUS, DEVICE, SHORTENED = 1, 2, 4, 8, 16, 32

local function read(bytes)
  local version, flags, kid, generation, floor, replays, strikes, rings, created, rotated, active,
    idle, expires, issued, data_version = struct.unpack(HEADER, bytes)
  return {
    bytes = bytes, version = version, flags = flags, kid = kid, generation = generation,
    floor = floor, replays = replays, strikes = strikes, rings = rings, created = created,
    rotated = rotated, active = active, idle = idle, expires = expires, issued = issued,
    data_version = data_version,
  }
end

local function has(s, flag)
  return bit.band(s.flags, flag) ~= 0
end

local function mark(s, flag, on)
  s.flags = on and bit.bor(s.flags, flag) or bit.band(s.flags, bit.bnot(flag))
end

local function expiry(s)
  return math.min(s.expires, s.active + s.idle)
end

local function ended(s, now)
  if has(s, REVOKED) then return 'revoked' end
  return now >= expiry(s) and 'expired'
end

local function header(s)
  return struct.pack(HEADER, s.version, s.flags, s.kid, s.generation, s.floor, s.replays,
    s.strikes, s.rings, s.created, s.rotated, s.active, s.idle, s.expires, s.issued,
    s.data_version)
end

-- The key expires with the session, so every write moves its expiry along with the idle expiry.
local function write(key, s, body)
  s.bytes = header(s) .. body
  redis.call('SET', key, s.bytes, 'PXAT', expiry(s))
end

local function write_header(key, s)
  write(key, s, s.bytes:sub(56))
end

local function note_activity(key, s, generation, now)
  s.active = math.max(s.active, now)
  mark(s, CONFIRMED, has(s, CONFIRMED) or s.generation == generation)
  write_header(key, s)
end

-- The offset after the hashes, where the revocation or the user id begins.
local function after_hashes(s)
  return 120 + 8 * s.rings + (has(s, ACCESS) and 16 or 0) + (has(s, PREVIOUS) and 16 or 0)
end

local function user_of(s)
  local bytes, from = s.bytes, after_hashes(s)
  -- The revocation comes before the user id.
  if has(s, REVOKED) then from = from + 8 + struct.unpack('>I2', bytes, from + 6) end
  return bytes:sub(from + 2, from + 1 + struct.unpack('>I2', bytes, from))
end

-- The offsets of the text fields; only for a session that is not revoked.
local function texts(s)
  local bytes, at = s.bytes, {}
  at.user = after_hashes(s)
  at.device = at.user + 2 + struct.unpack('>I2', bytes, at.user)
  at.attributes = at.device
  if has(s, DEVICE) then at.attributes = at.device + 2 + struct.unpack('>I2', bytes, at.device) end
  at.claims = at.attributes + 4 + struct.unpack('>I4', bytes, at.attributes)
  return at
end
`;
