import { Script } from '../connection/script.ts';
import { time } from './time.ts';

/**
 * KEYS: a bucket's. ARGV: ms from empty to full, ms that the tokens of this call take to come back.
 * Answers how many ms before full the bucket was: all that the outcome depends on.
 *
 * The key holds nothing. Its expiry is the number that a bucket is: the time at which it is full,
 * and needs no key any more. A server that is full still counts, or nobody could refresh there.
 */
export const consume: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  `
local empty, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.call('PEXPIRETIME', KEYS[1])
local before = math.min(math.max(stored - now, 0), empty)
local fullAt = now + before
if before + cost <= empty then fullAt = fullAt + cost end
if fullAt ~= stored then redis.call('SET', KEYS[1], '', 'PXAT', fullAt) end
return before
`,
);
