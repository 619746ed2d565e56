import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { liveSessions } from './live.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';

/**
 * KEYS: index. ARGV: prefix, reason, what the keys of the user's sessions begin with, user id, the
 * end of the id that is spared (or nothing), and the device that is meant, if any.
 * Answers the ends of the ids that it ended.
 */
export const revokeUserSessions: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  revocation,
  userIndex,
  liveSessions,
  `
local function device_of(s)
  local at = texts(s)
  return has(s, DEVICE) and s.bytes:sub(at.device + 2, at.attributes - 1)
end

local live, gone = live_sessions(KEYS[1], ARGV[3], ARGV[4], now)
forget(KEYS[1], gone)
local ended_ids = {}
for _, s in ipairs(live) do
  if s.id ~= ARGV[5] and (not ARGV[6] or device_of(s) == ARGV[6]) then
    revoke(ARGV[1], s.key, s, ARGV[2], now)
    ended_ids[#ended_ids + 1] = s.id
  end
end
return ended_ids
`,
);
