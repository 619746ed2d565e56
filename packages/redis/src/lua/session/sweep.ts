import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { sessionOrder } from './order.ts';
import { pendingRevocations } from './pending.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';
import { indexWindows } from './windows.ts';

/**
 * Writes the user's oldest pending revocation to the next sessions.
 *
 * KEYS: index, ids that the call revoked, pending revocations. ARGV: prefix, start of the key names of
 * the user's sessions, user id, callId, how many bytes of the ids the caller has.
 * Returns 1 if the call is still pending, else 0; then the ends of the ids that the caller does not
 * have, as one string.
 */
export const sweepSessions: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  revocation,
  sessionOrder,
  pendingRevocations,
  userIndex,
  indexWindows,
  `
local at = open_index(KEYS[1], KEYS[3], ARGV[1], ARGV[2], ARGV[3])
sweep(at)
return { is_pending(at, ARGV[4]) and 1 or 0, redis.call('GETRANGE', KEYS[2], ARGV[5], -1) }
`,
);
