import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { liveSessions } from './live.ts';
import { sessionRecord } from './record.ts';

/**
 * KEYS: index. ARGV: what the keys of the user's sessions begin with, user id.
 * Answers the time, then the end of the id and the record of each session in turn.
 */
export const listSessions: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  userIndex,
  liveSessions,
  `
local live, gone = live_sessions(KEYS[1], ARGV[1], ARGV[2], now)
forget(KEYS[1], gone)
local answer = { now }
for _, s in ipairs(live) do
  answer[#answer + 1] = s.id
  answer[#answer + 1] = s.bytes
end
return answer
`,
);
