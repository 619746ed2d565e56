import { Script } from '../connection/script.ts';
import { time } from './time.ts';

/**
 * KEYS: the bucket's key. ARGV: ms to refill an empty bucket, ms to refill the tokens of this call,
 * callId.
 * Returns in how many ms the bucket was full before the call: the outcome depends on nothing else. If
 * this call took its tokens when it was sent the first time, it returns -1 minus in how many ms the
 * bucket is full.
 *
 * The expiry of the key is the state of the bucket: the time at which it is full and needs no key
 * any more. Its value is the callId of the last call that took tokens: sent again, it takes no more.
 * The script also runs when memory is full, so that refreshes still work.
 */
export const consume: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  `
local empty, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.call('PEXPIRETIME', KEYS[1])
local before = math.min(math.max(stored - now, 0), empty)
if stored > 0 and redis.call('GET', KEYS[1]) == ARGV[3] then return -1 - before end
local allowed = before + cost <= empty
local fullAt = allowed and now + before + cost or now + before
if fullAt ~= stored then
  local call = allowed and ARGV[3] or redis.call('GET', KEYS[1]) or ''
  redis.call('SET', KEYS[1], call, 'PXAT', fullAt)
end
return before
`,
);
