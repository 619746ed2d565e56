import { Script } from '../connection/script.ts';

/** KEYS: the id's key. ARGV: expiresAt. If the id is already listed, the later expiry remains. */
export const block: Script = new Script(
  '#!lua flags=allow-oom',
  `
-- Redis keeps a key until its expiry has *passed*, but at expiresAt the id is no longer listed.
local last = math.floor(tonumber(ARGV[1])) - 1
if last > 0 and redis.call('PEXPIRETIME', KEYS[1]) < last then
  redis.call('SET', KEYS[1], '', 'PXAT', last)
end
return false
`,
);

/**
 * KEYS: the keys of ids, then that of the user if ARGV has the time at which the token was issued.
 * Returns 1 if an id is listed, or the user's time is later; else 0. A script and not plain commands,
 * because a server that has become a replica executes those, although it may not receive revocations any more.
 */
export const readBlocklist: Script = new Script(
  '#!lua flags=allow-oom',
  `
local issued = tonumber(ARGV[1])
if issued then
  local not_before = tonumber(redis.call('GET', KEYS[#KEYS]))
  if not_before and issued < not_before then return 1 end
  KEYS[#KEYS] = nil
end
return #KEYS > 0 and redis.call('EXISTS', unpack(KEYS)) > 0 and 1 or 0
`,
);

/** KEYS: the user's key. ARGV: the time, expiresAt. The later of two times stays, and the later expiry. */
export const blockBefore: Script = new Script(
  '#!lua flags=allow-oom',
  `
local last = math.max(math.floor(tonumber(ARGV[2])) - 1, redis.call('PEXPIRETIME', KEYS[1]))
local known = redis.call('GET', KEYS[1])
local time = known and tonumber(known) > tonumber(ARGV[1]) and known or ARGV[1]
if last > 0 then redis.call('SET', KEYS[1], time, 'PXAT', last) end
return false
`,
);
