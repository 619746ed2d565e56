import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { sessionRecord } from './record.ts';
import { reply } from './reply.ts';
import { settled } from './settled.ts';

/**
 * KEYS: session. ARGV: generation and interval of an activity, or nothing.
 * Returns the record, or nil. Every request of an application runs this script, and usually there
 * is no activity to record, so it checks that first, before it loads the other functions.
 */
export const findSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  reply,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
local flags, kid, current, floor = struct.unpack('>BI2I4I4', bytes, 2)
local generation, many = tonumber(ARGV[1]), bit.band(flags, 64) ~= 0
if not generation and not many then return reply('', 0, bytes) end
if generation then
  local active = struct.unpack('>I6', bytes, 29)
  local first = generation == current and bit.band(flags, 1) == 0
  local due = first or generation > current or now - active >= tonumber(ARGV[2])
  if not due or generation < floor then generation = nil end
end
if not generation and not many then return reply('', 0, bytes) end
`,
  sessionRecord,
  `
local s = read(bytes)
${settled}
if generation and not ended(s, now) then note_activity(KEYS[1], s, generation, now) end
return reply('', 0, s.bytes)
`,
);
