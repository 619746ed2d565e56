import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';
import { settled } from './settled.ts';

/**
 * KEYS: session. ARGV: prefix, reason, callId, user id that must match or nothing.
 * Returns `revoked`, `already_revoked` or `missing`.
 */
export const revokeSession: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  revocation,
  `
local bytes = redis.call('GET', KEYS[1])
if not bytes then return 'missing' end
local s = read(bytes)
if ARGV[4] and ARGV[4] ~= user_of(s) then return 'missing' end
${settled}
if has(s, REVOKED) then return s.revoked_by == ARGV[3] and 'revoked' or 'already_revoked' end
revoke(ARGV[1], KEYS[1], s, ARGV[2], ARGV[3], now)
return 'revoked'
`,
);
