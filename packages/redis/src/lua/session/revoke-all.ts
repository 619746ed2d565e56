import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { liveSessions } from './live.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';

/**
 * KEYS: index, ids that this call revoked. ARGV: prefix, reason, start of the key names of the user's
 * sessions, user id, end of the id to keep (or an empty string), callId, device id that must match
 * or nothing.
 * Returns the ends of the ids that it revoked, now or when it was sent the first time.
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

local live, stale = live_sessions(KEYS[1], ARGV[3], ARGV[4], now)
forget(KEYS[1], stale)
local revoked_ids = remembered(KEYS[2])
for _, s in ipairs(live) do
  if s.id ~= ARGV[5] and (not ARGV[7] or device_of(s) == ARGV[7]) then
    revoke(ARGV[1], s.key, s, ARGV[2], ARGV[6], now)
    revoked_ids[#revoked_ids + 1] = s.id
  end
end
if #revoked_ids > 0 then remember(KEYS[2], revoked_ids) end
return revoked_ids
`,
);
