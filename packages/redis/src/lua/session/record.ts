/** Reads and writes the layout of `session/layout.ts`. Lua counts bytes from 1. */
export const sessionRecord = `
local HEADER = '>BBI2I4I4I2BBI6I6I6I6I6I5I4'
local CONFIRMED, REVOKED, ACCESS, PREVIOUS, DEVICE, SHORTENED, EXTRAS, BY = 1, 2, 4, 8, 16, 32, 64, 128

local function has(s, flag)
  return bit.band(s.flags, flag) ~= 0
end

local function mark(s, flag, on)
  s.flags = on and bit.bor(s.flags, flag) or bit.band(s.flags, bit.bnot(flag))
end

-- The offset after the hashes, where the extras begin, if there are any.
local function after_hashes(s)
  return 120 + 8 * s.rings + (has(s, ACCESS) and 16 or 0) + (has(s, PREVIOUS) and 16 or 0)
end

-- What few sessions have: what late replays, lost writes and calls have left. 'rest' is the
-- offset after it, where the revocation or the user id begins.
local function read_extras(s)
  local from = after_hashes(s)
  s.late_run, s.late_at, s.regressed, s.last_call, s.data_calls = 0, 0, 0, '', ''
  s.rest = from
  if not has(s, EXTRAS) then return end
  local last, data
  s.late_run, s.late_at, s.regressed, last, data = struct.unpack('>BI6I6BB', s.bytes, from)
  from = from + 15
  s.last_call = s.bytes:sub(from, from + last - 1)
  s.data_calls = s.bytes:sub(from + last, from + last + data - 1)
  s.rest = from + last + data
end

local function extras(s)
  local none = s.late_run == 0 and s.late_at == 0 and s.regressed == 0
    and s.last_call == '' and s.data_calls == ''
  mark(s, EXTRAS, not none)
  if none then return '' end
  return struct.pack('>BI6I6BB', s.late_run, s.late_at, s.regressed, #s.last_call, #s.data_calls)
    .. s.last_call .. s.data_calls
end

local function read(bytes)
  local version, flags, kid, generation, floor, replays, strikes, rings, created, rotated, active,
    idle, expires, issued, data_version = struct.unpack(HEADER, bytes)
  local s = {
    bytes = bytes, version = version, flags = flags, kid = kid, generation = generation,
    floor = floor, replays = replays, strikes = strikes, rings = rings, created = created,
    rotated = rotated, active = active, idle = idle, expires = expires, issued = issued,
    data_version = data_version,
  }
  read_extras(s)
  return s
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
-- 'hashes' and 'tail' are what is before and after the extras.
local function write(key, s, hashes, tail)
  local middle = extras(s)
  s.bytes = header(s) .. hashes .. middle .. tail
  s.rest = 56 + #hashes + #middle
  redis.call('SET', key, s.bytes, 'PXAT', expiry(s))
end

-- Writes what has changed before the hashes, and the extras.
local function write_state(key, s)
  write(key, s, s.bytes:sub(56, after_hashes(s) - 1), s.bytes:sub(s.rest))
end

-- A generation that the record does not know yet shows that the server has lost a write.
local function note_activity(key, s, generation, now)
  if generation > s.generation then
    if s.regressed == 0 then
      s.regressed = now
      write_state(key, s)
    end
    return
  end
  s.active = math.max(s.active, now)
  mark(s, CONFIRMED, has(s, CONFIRMED) or s.generation == generation)
  write_state(key, s)
end

-- When, why and by which call a session was revoked; only for one that is.
local function revocation_of(s)
  local size = struct.unpack('>I2', s.bytes, s.rest + 6)
  local reason = s.bytes:sub(s.rest + 8, s.rest + 7 + size)
  local by = has(s, BY) and s.bytes:sub(s.rest + 8 + size, s.rest + 23 + size) or ''
  return reason, by, s.rest + 8 + size + #by
end

local function user_of(s)
  local bytes, from = s.bytes, s.rest
  -- The revocation comes before the user id.
  if has(s, REVOKED) then _, _, from = revocation_of(s) end
  return bytes:sub(from + 2, from + 1 + struct.unpack('>I2', bytes, from))
end

-- The offsets of the text fields; only for a session that is not revoked.
local function texts(s)
  local bytes, at = s.bytes, {}
  at.user = s.rest
  at.device = at.user + 2 + struct.unpack('>I2', bytes, at.user)
  at.attributes = at.device
  if has(s, DEVICE) then at.attributes = at.device + 2 + struct.unpack('>I2', bytes, at.device) end
  at.claims = at.attributes + 4 + struct.unpack('>I4', bytes, at.attributes)
  return at
end
`;
