import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { nextGeneration } from './next-generation.ts';
import { sessionRecord } from './record.ts';
import { reply } from './reply.ts';
import { settled } from './settled.ts';

/**
 * KEYS: session. ARGV: generation that the caller has read, the packed next generation, its kid
 * and issuedAt, attributes with their length, 1 if the attributes are shortened.
 * Returns the outcome and the resulting record, or nil.
 */
export const elevateSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  reply,
  sessionRecord,
  nextGeneration,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
local s = read(bytes)
${settled}
bytes = s.bytes
local kind = ended(s, now)
-- Sent again: the record has the generation already.
if not kind and bytes:sub(56, 87) == ARGV[2]:sub(1, 32) then return reply('written', 0, bytes) end
kind = kind or s.generation ~= tonumber(ARGV[1]) and 'conflict'
if kind then return reply(kind, 0, bytes) end
local at = texts(s)
s.bytes = bytes:sub(1, at.attributes - 1) .. ARGV[5] .. bytes:sub(at.claims)
s.floor = s.generation + 1
mark(s, SHORTENED, ARGV[6] == '1')
start_generation(KEYS[1], s, ARGV[2], ARGV[3], ARGV[4], now)
return reply('written', 0, s.bytes)
`,
);
