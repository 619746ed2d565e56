import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { successor } from './next-generation.ts';
import { sessionRecord } from './record.ts';
import { answer } from './reply.ts';

/**
 * KEYS: session. ARGV: generation that the caller knows, the successor's bytes, kid and issuedAt,
 * attributes with their length, whether they are shortened.
 * Answers the outcome and the record after it, or nothing.
 */
export const elevateSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  answer,
  sessionRecord,
  successor,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
local s = read(bytes)
local kind = ended(s, now) or s.generation ~= tonumber(ARGV[1]) and 'conflict'
if kind then return answer(kind, 0, bytes) end
local at = texts(s)
s.bytes = bytes:sub(1, at.attributes - 1) .. ARGV[5] .. bytes:sub(at.claims)
s.floor = s.generation + 1
mark(s, SHORTENED, ARGV[6] == '1')
succeed(KEYS[1], s, ARGV[2], ARGV[3], ARGV[4], now)
return answer('written', 0, s.bytes)
`,
);
