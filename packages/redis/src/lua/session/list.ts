import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { liveSessions } from './live.ts';
import { sessionRecord } from './record.ts';

/**
 * KEYS: index. ARGV: start of the key names of the user's sessions, user id.
 * Returns the time, then the end of the id and the record of each live session.
 */
export const listSessions: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  userIndex,
  liveSessions,
  `
local live, stale = live_sessions(KEYS[1], ARGV[1], ARGV[2], now)
forget(KEYS[1], stale)
local reply = { now }
for _, s in ipairs(live) do
  reply[#reply + 1] = s.id
  reply[#reply + 1] = s.bytes
end
return reply
`,
);
