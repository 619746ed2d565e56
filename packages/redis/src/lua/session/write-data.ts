import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { sessionRecord } from './record.ts';
import { reply } from './reply.ts';

/**
 * KEYS: session. ARGV: dataVersion that the caller has read, claims with their length, data.
 * Returns the outcome and the resulting record, or nil.
 */
export const writeSessionData: Script = new Script(
  '#!lua',
  time,
  reply,
  sessionRecord,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
local s = read(bytes)
local kind = ended(s, now) or s.data_version ~= tonumber(ARGV[1]) and 'conflict'
if kind then return reply(kind, 0, bytes) end
s.data_version = s.data_version + 1
write(KEYS[1], s, bytes:sub(56, texts(s).claims - 1) .. ARGV[2] .. ARGV[3])
return reply('written', 0, s.bytes)
`,
);
