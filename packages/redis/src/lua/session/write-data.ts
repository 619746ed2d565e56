import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { sessionRecord } from './record.ts';
import { reply } from './reply.ts';
import { settled } from './settled.ts';

/**
 * KEYS: session. ARGV: dataVersion that the caller has read, claims with their length, data, callId.
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
${settled}
bytes = s.bytes
local kind = ended(s, now)
if not kind then
  for from = 1, #s.data_calls, 16 do
    -- Sent again: this write, or up to three after it, is in the record already.
    if s.data_calls:sub(from, from + 15) == ARGV[4] then return reply('written', 0, bytes) end
  end
  if s.data_version ~= tonumber(ARGV[1]) then kind = 'conflict' end
end
if kind then return reply(kind, 0, bytes) end
s.data_version = s.data_version + 1
s.data_calls = ARGV[4] .. s.data_calls:sub(1, 48)
local before = bytes:sub(after_hashes(s), texts(s).claims - 1)
local token, ring, access = hashes_of(s)
assemble(s, token, ring, access, before .. ARGV[2] .. ARGV[3])
store(KEYS[1], s)
return reply('written', 0, s.bytes)
`,
);
