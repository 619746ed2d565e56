import { ringLength } from '@pawl/core/store';
import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { nextGeneration } from './next-generation.ts';
import { sessionRecord } from './record.ts';
import { reply } from './reply.ts';
import { revocation } from './revocation.ts';

/**
 * The decision table of `docs/rotation.md`, the same as core's `decideRotation`; a property test
 * compares them.
 *
 * KEYS: session. ARGV: prefix, presented generation and token hash, the packed next generation, its
 * kid and issuedAt, then the policy: W, M, S, R, R2.
 * Returns the outcome, the age of the last rotation and the resulting record, or nil.
 */
export const rotateSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  reply,
  sessionRecord,
  nextGeneration,
  `
local key = KEYS[1]
local generation, hash = tonumber(ARGV[2]), ARGV[3]
local W, M, S = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local R, R2 = tonumber(ARGV[10]), tonumber(ARGV[11])
local CLOCK_TOLERANCE = -1000

local function decide_current(s, age)
  if s.bytes:sub(56, 87) ~= hash then return 'fork' end
  local settles = M > 0 and age >= CLOCK_TOLERANCE and age < M
  return s.generation > 0 and settles and 'settled' or 'rotated'
end

local function decide_predecessor(s, age)
  local in_grace = W > 0 and age >= CLOCK_TOLERANCE and age <= W
  -- After a step-up, no successor can be derived from this token.
  local derived, confirmed = s.floor < s.generation, has(s, CONFIRMED)
  if derived and in_grace and s.replays < R then return 'replayed' end
  if derived and not confirmed and s.replays < R2 then
    return in_grace and 'replayed' or 'replayed_late'
  end
  if in_grace then return 'retry' end
  local forgivable = S > 0 and age <= S and s.strikes < R
  if (confirmed or not derived) and forgivable then return 'retry_counted' end
  return 'reuse_detected'
end

local function decide(s, age)
  local over = ended(s, now)
  if over then return over end
  local behind = s.generation - generation
  if behind < 0 then return 'regression' end
  if behind == 0 then return decide_current(s, age) end
  if behind > ${ringLength} then return 'reuse_detected' end
  local consumed = behind <= s.rings and s.bytes:sub(112 + 8 * behind, 119 + 8 * behind)
  -- A genuine token that was never consumed: the session has two histories.
  if consumed ~= hash:sub(1, 8) then return 'fork' end
  if behind == 1 then return decide_predecessor(s, age) end
  return 'reuse_detected'
end

local bytes = redis.call('GET', key)
if not bytes then return false end
local s = read(bytes)
local age = now - s.rotated
local decision, ends = decide(s, age), false
if decision == 'rotated' then
  start_generation(key, s, ARGV[4], ARGV[5], ARGV[6], now)
elseif decision == 'settled' then
  if not has(s, CONFIRMED) then
    mark(s, CONFIRMED, true)
    write_header(key, s)
  end
elseif decision == 'replayed' or decision == 'replayed_late' then
  s.replays = math.min(s.replays + 1, 65535)
  -- Requests that were in flight when the device returned get a new grace period.
  if decision == 'replayed_late' then s.rotated, s.issued = now, tonumber(ARGV[6]) end
  write_header(key, s)
  decision = 'replayed'
elseif decision == 'retry_counted' then
  s.strikes = math.min(s.strikes + 1, 255)
  write_header(key, s)
  decision = 'retry'
elseif decision == 'reuse_detected' or decision == 'fork' then
  ends = true
end
if not ends then return reply(decision, age, s.bytes) end
`,
  revocation,
  `
revoke(ARGV[1], key, s, decision, now)
return reply(decision, age, s.bytes)
`,
);
