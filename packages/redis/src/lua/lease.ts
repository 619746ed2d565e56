import { Script } from '../connection/script.ts';
import { time } from './time.ts';

/**
 * A lease is a list: `fence:expiry`, and the callId of the call that got it. The fence is the server's
 * time in µs, so it grows without a counter that would have to be kept forever. An expired lease is
 * kept for one more minute: if the clock is set back meanwhile, the next fence is still greater.
 *
 * A node of the first edition stores a string, `fence:expiry`, which this edition reads too. Such a node
 * gets an error for a list, so nodes of both editions never grant the same lease: see the README about
 * upgrades.
 */
const lease = `
local KEPT = 60000

local function read()
  local stored = redis.pcall('LRANGE', KEYS[1], 0, -1)
  if stored.err then return redis.call('GET', KEYS[1]), '' end
  return unpack(stored)
end

local times, call = read()
local fence, ends = string.match(times or '', '^(%d+):(%d+)$')
fence, ends = tonumber(fence or 0), tonumber(ends or 0)

local function write(fence, ends, call)
  if times then redis.call('DEL', KEYS[1]) end
  redis.call('RPUSH', KEYS[1], string.format('%.0f:%.0f', fence, ends), call)
  redis.call('PEXPIREAT', KEYS[1], math.max(now, ends) + KEPT)
end
`;

/**
 * KEYS: the name's key. ARGV: ttl, callId. Returns the fence, or nil while another holder has
 * the lease. The call that got the lease, sent again, gets it again.
 */
export const acquireLease: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  lease,
  `
if now < ends then return call == ARGV[2] and string.format('%.0f', fence) end
fence = math.max(time[1] * 1000000 + time[2], fence + 1)
write(fence, now + math.floor(ARGV[1]), ARGV[2])
return string.format('%.0f', fence)
`,
);

/** KEYS: the name's key. ARGV: fence, ttl. Returns 1, or nil if the lease is no longer held. */
export const renewLease: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  lease,
  `
if fence ~= tonumber(ARGV[1]) or now >= ends then return false end
write(fence, now + math.floor(ARGV[2]), call)
return 1
`,
);

/** KEYS: the name's key. ARGV: fence. */
export const releaseLease: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  lease,
  `
if fence == tonumber(ARGV[1]) then write(fence, 0, '') end
return false
`,
);
