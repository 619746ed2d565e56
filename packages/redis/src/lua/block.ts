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
 * KEYS: the keys of ids. Returns how many are listed. A script and not a plain `EXISTS`, because a server
 * that has become a replica answers that, although a revocation may not reach it any more.
 */
export const countListed: Script = new Script(
  '#!lua flags=allow-oom',
  `
return redis.call('EXISTS', unpack(KEYS))
`,
);
