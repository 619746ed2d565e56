import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { nextGeneration } from './next-generation.ts';
import { sessionRecord } from './record.ts';
import { reply } from './reply.ts';
import { revocation } from './revocation.ts';
import { settled } from './settled.ts';

/**
 * The decision table of `docs/rotation.md`, the same as core's `decideRotation`; a property test
 * compares them.
 *
 * KEYS: session. ARGV: prefix, presented generation and token hash, the packed next generation, its
 * kid and issuedAt, then the policy: W, M, S, R, R2, N, regressionPeriod, then the callId.
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
local generation, hash, packed = tonumber(ARGV[2]), ARGV[3], ARGV[4]
local W, M, S = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local R, R2, N = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local REGRESSION, call = tonumber(ARGV[13]), ARGV[14]
local CLOCK_TOLERANCE = -1000

local function in_grace(age)
  return W > 0 and age >= CLOCK_TOLERANCE and age <= W
end

local function decide_revoked(s)
  local reason = revocation_of(s)
  local alarm = reason == 'reuse_detected' or reason == 'fork' or reason == 'lost'
  return alarm and s.revoked_by == call and reason .. '_again' or 'revoked'
end

local LOST_WRITE = REGRESSION > 0 and 'regression' or 'lost'

local function decide_fork(s)
  local may_be_lost = not has(s, CONFIRMED) or now - s.rotated < REGRESSION
  return s.generation > 0 and may_be_lost and LOST_WRITE or 'fork'
end

local function decide_current(s, age)
  local settles = M > 0 and age >= CLOCK_TOLERANCE and age < M
  return s.generation > 0 and settles and 'settled' or 'rotated'
end

local function decide_predecessor(s, age)
  local grace, confirmed = in_grace(age), has(s, CONFIRMED)
  if s.last_call == call then return (grace or not confirmed) and 'replayed_again' or 'retry_again' end
  if grace and s.replays < R then return 'replayed' end
  if not confirmed and s.replays < R2 then
    if grace then return 'replayed' end
    return s.late_at == 0 and s.late_run + 1 >= N and 'late_run' or 'replayed_late'
  end
  if grace then return 'retry' end
  local forgivable = confirmed and S > 0 and age <= S and s.strikes < R
  return forgivable and 'retry_counted' or 'reuse_detected'
end

local function decide(s, age)
  local over = ended(s, now)
  if over == 'revoked' then return decide_revoked(s) end
  if over then return over end
  if s.regressed > 0 then return now - s.regressed < REGRESSION and 'regression' or 'lost' end
  local behind = s.generation - generation
  if behind < 0 then return LOST_WRITE end
  if behind == 1 and s.bytes:sub(56, 87) == packed:sub(1, 32) then return 'rotated_again' end
  if behind == 0 then
    if s.bytes:sub(56, 87) ~= hash then return decide_fork(s) end
    return decide_current(s, age)
  end
  -- A genuine token that was never consumed: the session has two histories.
  if behind <= RING and s.bytes:sub(112 + 8 * behind, 119 + 8 * behind) ~= hash:sub(1, 8) then
    return decide_fork(s)
  end
  -- A step-up has replaced the token: it is refused without an alarm.
  if generation < s.floor then return in_grace(age) and 'retry' or 'superseded' end
  if behind == 1 then return decide_predecessor(s, age) end
  return 'reuse_detected'
end

local bytes = redis.call('GET', key)
if not bytes then return false end
local s = read(bytes)
${settled}
local age = now - math.max(s.rotated, s.late_at)
local decision, ends = decide(s, age), false
if decision == 'rotated' then
  start_generation(key, s, packed, ARGV[5], ARGV[6], now)
elseif decision == 'settled' then
  if not has(s, CONFIRMED) then
    mark(s, CONFIRMED, true)
    write_state(key, s)
  end
elseif decision == 'replayed' or decision == 'replayed_late' then
  s.replays = math.min(s.replays + 1, 65535)
  s.last_call = call
  if decision == 'replayed_late' then
    -- Several late replays in one generation count once.
    if s.late_at == 0 then s.late_run = math.min(s.late_run + 1, 65535) end
    -- Requests that were in flight when the device returned get a new grace period.
    s.late_at, s.issued = now, tonumber(ARGV[6])
  end
  write_state(key, s)
  decision = 'replayed'
elseif decision == 'retry_counted' then
  s.strikes = math.min(s.strikes + 1, 255)
  s.last_call = call
  write_state(key, s)
  decision = 'retry'
elseif decision == 'regression' then
  if s.regressed == 0 then
    s.regressed = now
    write_state(key, s)
  end
elseif decision == 'late_run' then
  s.late_run = math.min(s.late_run + 1, 65535)
  decision, ends = 'reuse_detected', true
else
  ends = decision == 'reuse_detected' or decision == 'fork' or decision == 'lost'
end
if not ends then return reply((decision:gsub('_again$', '')), age, s.bytes) end
`,
  revocation,
  `
revoke(ARGV[1], key, s, decision, call, now)
return reply(decision, age, s.bytes)
`,
);
