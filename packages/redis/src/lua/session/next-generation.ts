/** Starts the next generation of a session and writes it. Needs `session/record.ts`. */
export const nextGeneration = `
local function start_generation(key, s, packed_generation, kid, issued, now)
  local token, ring, access = hashes_of(s)
  local previous = has(s, ACCESS) and access:sub(1, 16) or ''
  local tail = s.bytes:sub(after_hashes(s))
  ring = (token:sub(1, 8) .. ring):sub(1, 8 * RING)
  s.generation = s.generation + 1
  s.kid, s.issued, s.rotated = tonumber(kid), tonumber(issued), now
  s.active = math.max(s.active, now)
  s.replays, s.strikes = 0, 0
  -- A generation without a late replay ends the run.
  if s.late_at == 0 then s.late_run = 0 end
  s.late_at, s.last_call, s.regressed = 0, '', 0
  mark(s, CONFIRMED, false)
  mark(s, ACCESS, #packed_generation > 64)
  mark(s, PREVIOUS, #previous > 0)
  assemble(s, packed_generation:sub(1, 64), ring, packed_generation:sub(65) .. previous, tail)
  store(key, s)
end
`;
