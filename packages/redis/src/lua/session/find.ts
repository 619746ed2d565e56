import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { sessionRecord } from './record.ts';
import { answer } from './reply.ts';

/**
 * KEYS: session. ARGV: generation and interval of an activity, or nothing.
 * Answers the record, or nothing. Mostly there is nothing to note, so that is found out before
 * anything else is set up: every request of an application runs this.
 */
export const findSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  answer,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
if not ARGV[1] then return answer('', 0, bytes) end
local flags, kid, current, floor = struct.unpack('>BI2I4I4', bytes, 2)
local generation, active = tonumber(ARGV[1]), struct.unpack('>I6', bytes, 29)
local first = generation == current and bit.band(flags, 1) == 0
local due = first or now - active >= tonumber(ARGV[2])
if not due or generation < floor or generation > current then return answer('', 0, bytes) end
`,
  sessionRecord,
  `
local s = read(bytes)
if not ended(s, now) then note_activity(KEYS[1], s, generation, now) end
return answer('', 0, s.bytes)
`,
);
