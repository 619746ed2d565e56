import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { sessionRecord } from './record.ts';

/** KEYS: session. ARGV: generation. */
export const touchSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  `
local bytes = redis.call('GET', KEYS[1])
local s = bytes and read(bytes)
if s and not ended(s, now) then note_activity(KEYS[1], s, tonumber(ARGV[1]), now) end
return false
`,
);
