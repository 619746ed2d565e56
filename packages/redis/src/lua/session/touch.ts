import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { sessionRecord } from './record.ts';
import { settled } from './settled.ts';

/** KEYS: session. ARGV: generation. */
export const touchSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
local s = read(bytes)
${settled}
if not ended(s, now) then note_activity(KEYS[1], s, tonumber(ARGV[1]), now) end
return false
`,
);
