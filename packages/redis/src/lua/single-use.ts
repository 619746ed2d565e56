import { Script } from '../connection/script.ts';

/**
 * A single-use value is a list: the value, the callId of the call that put it and, once it is taken,
 * the callId of the call that took it. A taken value is kept for at most one minute, so that this
 * call can be sent again.
 *
 * A node of the first edition puts a string, which this edition reads too. Such a node gets an error
 * for a list and cannot take the value: see the README about upgrades.
 */
const singleUse = `
local function read(key)
  local stored = redis.pcall('LRANGE', key, 0, -1)
  if stored.err then return redis.call('GET', key), '' end
  return unpack(stored)
end

local value, put_by, taken_by = read(KEYS[1])

local function write(key, ttl, ...)
  if value then redis.call('DEL', key) end
  redis.call('RPUSH', key, ...)
  redis.call('PEXPIRE', key, ttl)
end
`;

/**
 * KEYS: the value's key. ARGV: value, lifetime in ms, callId.
 * Returns 1 if this call stored the value, now or when it was sent the first time; else nil. Without the
 * flag `allow-oom`, so Redis refuses it when memory is full.
 */
export const putValue: Script = new Script(
  '#!lua',
  singleUse,
  `
if put_by == ARGV[3] then return 1 end
if value and not taken_by then return false end
write(KEYS[1], ARGV[2], ARGV[1], ARGV[3])
return 1
`,
);

/**
 * KEYS: the value's key. ARGV: callId.
 * Returns the value if this call took it, now or when it was sent the first time; else nil.
 */
export const takeValue: Script = new Script(
  '#!lua flags=allow-oom',
  singleUse,
  `
if not value then return false end
if taken_by then return taken_by == ARGV[1] and value end
local left = math.min(redis.call('PTTL', KEYS[1]), 60000)
write(KEYS[1], math.max(left, 1), value, put_by, ARGV[1])
return value
`,
);
