import { Script } from '../script.ts';
import { sessionRecord } from './session-record.ts';
import { time } from './time.ts';

/**
 * KEYS: session. ARGV: generation and interval of an activity, or nothing.
 * Answers the time, the key and the record, or nothing.
 */
export const findSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
if ARGV[1] then
  local s, generation = read(bytes), tonumber(ARGV[1])
  local first = s.generation == generation and not has(s, CONFIRMED)
  local due = first or now - s.active >= tonumber(ARGV[2])
  if due and generation >= s.floor and generation <= s.generation and not ended(s, now) then
    note_activity(KEYS[1], s, generation, now)
    bytes = s.bytes
  end
end
return { now, KEYS[1], bytes }
`,
);
