import { Script } from '../connection/script.ts';

/** KEYS: an id's. ARGV: when it may be forgotten; the later one of two stays. */
export const block: Script = new Script(
  '#!lua flags=allow-oom',
  `
-- A key is there until its expiry is *past*; at that very moment the id is free again.
local last = math.floor(tonumber(ARGV[1])) - 1
if last > 0 and redis.call('PEXPIRETIME', KEYS[1]) < last then
  redis.call('SET', KEYS[1], '', 'PXAT', last)
end
return false
`,
);
