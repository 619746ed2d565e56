import { Script } from '../connection/script.ts';
import { time } from './time.ts';

/**
 * KEYS: the bucket's key. ARGV: ms to refill an empty bucket, ms to refill the tokens of this call.
 * Returns how many ms before full the bucket was: the outcome depends on nothing else.
 *
 * The key has no value. Its expiry is the state of the bucket: the time at which it is full and
 * needs no key any more. The script also runs when memory is full, so that refreshes still work.
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
