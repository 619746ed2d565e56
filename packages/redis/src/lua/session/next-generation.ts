/** Starts the next generation of a session and writes it. Needs `session/record.ts`. */
export const nextGeneration = `
local function start_generation(key, s, packed_generation, kid, issued, now)
  local bytes = s.bytes
  local ring_end = 119 + 8 * s.rings
  local ring = bytes:sub(56, 63) .. bytes:sub(120, math.min(ring_end, 143))
  local previous = has(s, ACCESS) and bytes:sub(ring_end + 1, ring_end + 16) or ''
  local hashes = packed_generation:sub(1, 64) .. ring .. packed_generation:sub(65) .. previous
  local tail = bytes:sub(s.rest)
  s.generation = s.generation + 1
  s.kid, s.issued, s.rotated = tonumber(kid), tonumber(issued), now
  s.active = math.max(s.active, now)
  s.replays, s.strikes, s.rings = 0, 0, #ring / 8
  -- A generation without a late replay ends the run.
  if s.late_at == 0 then s.late_run = 0 end
  s.late_at, s.last_call, s.regressed = 0, '', 0
  mark(s, CONFIRMED, false)
  mark(s, ACCESS, #packed_generation > 64)
  mark(s, PREVIOUS, #previous > 0)
  write(key, s, hashes, tail)
end
`;
