import { ringLength } from '@pawl/core/store';

/** Reads and writes the layout of `session/layout.ts`. Lua counts bytes from 1. */
export const sessionRecord: string = `
local HEADER = '>BBI2I4I4I2BBI6I6I6I6I6I5I4'
local CONFIRMED, REVOKED, ACCESS, PREVIOUS, DEVICE, SHORTENED, MANY = 1, 2, 4, 8, 16, 32, 64
-- How many consumed hashes a record keeps. If extras follow, the record has room for all of them.
local RING = ${ringLength}

local function has(s, flag)
  return bit.band(s.flags, flag) ~= 0
end

local function mark(s, flag, on)
  s.flags = on and bit.bor(s.flags, flag) or bit.band(s.flags, bit.bnot(flag))
end

-- Extras, which few sessions have: traces of late replays, lost writes and calls.
local function read_extras(s)
  s.late_run, s.late_at, s.regressed, s.last_call, s.revoked_by, s.data_calls = 0, 0, 0, '', '', ''
  if s.units <= RING then return end
  local from = 120 + 8 * RING
  local calls, before
  s.late_run, calls, before, s.regressed = struct.unpack('>I2I2I6I6', s.bytes, from)
  -- The header has the time of the late replay.
  if before > 0 then s.late_at, s.rotated = s.rotated, before end
  from = from + 16
  local function take(count)
    from = from + 16 * count
    return s.bytes:sub(from - 16 * count, from - 1)
  end
  s.last_call = take(calls % 2)
  s.revoked_by = take(math.floor(calls / 2) % 2)
  s.data_calls = take(math.floor(calls / 4))
end

-- The ring, and behind it the extras, if there are any.
local function with_extras(s, ring)
  local calls = s.last_call .. s.revoked_by .. s.data_calls
  local none = s.late_run == 0 and s.late_at == 0 and s.regressed == 0 and calls == ''
  s.units = none and #ring / 8 or RING + 2 + #calls / 8
  if none then return ring end
  local counts = #s.last_call / 16 + #s.revoked_by / 8 + #s.data_calls / 4
  local before = s.late_at > 0 and s.rotated or 0
  return ring .. ('\\0'):rep(8 * RING - #ring)
    .. struct.pack('>I2I2I6I6', s.late_run, counts, before, s.regressed) .. calls
end

local function read(bytes)
  local version, flags, kid, generation, floor, replays, strikes, units, created, rotated, active,
    idle, expires, issued, data_version = struct.unpack(HEADER, bytes)
  local s = {
    bytes = bytes, version = version, flags = flags, kid = kid, generation = generation,
    floor = floor, replays = replays, strikes = strikes, units = units, created = created,
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
  local rotated = s.late_at > 0 and s.late_at or s.rotated
  return struct.pack(HEADER, s.version, s.flags, s.kid, s.generation, s.floor, s.replays,
    s.strikes, s.units, s.created, rotated, s.active, s.idle, s.expires, s.issued,
    s.data_version)
end

-- The offset after the hashes, where the revocation or the user id begins.
local function after_hashes(s)
  return 120 + 8 * s.units + (has(s, ACCESS) and 16 or 0) + (has(s, PREVIOUS) and 16 or 0)
end

-- Builds a record from token hash and salt, ring, access hashes, and what follows them.
local function assemble(s, token, ring, access, tail)
  local units = with_extras(s, ring)
  s.bytes = header(s) .. token .. units .. access .. tail
end

-- The first three of these parts, unchanged.
local function hashes_of(s)
  local bytes, ring = s.bytes, 8 * math.min(s.generation, RING)
  return bytes:sub(56, 119), bytes:sub(120, 119 + ring),
    bytes:sub(120 + 8 * s.units, after_hashes(s) - 1)
end

-- The key expires with the session, so every write moves its expiry along with the idle expiry.
local function store(key, s)
  redis.call('SET', key, s.bytes, 'PXAT', expiry(s))
end

-- Writes the fields before the hashes, and the extras.
local function write_state(key, s)
  local tail = s.bytes:sub(after_hashes(s))
  local token, ring, access = hashes_of(s)
  assemble(s, token, ring, access, tail)
  store(key, s)
end

-- A generation above the current one shows that the server has lost a write.
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

-- Why a session was revoked, and the offset after it; only for one that is.
local function revocation_of(s)
  local from = after_hashes(s)
  local size = struct.unpack('>I2', s.bytes, from + 6)
  return s.bytes:sub(from + 8, from + 7 + size), from + 8 + size
end

local function user_of(s)
  local bytes, from = s.bytes, after_hashes(s)
  if has(s, REVOKED) then
    local reason, after = revocation_of(s)
    from = after
  end
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
