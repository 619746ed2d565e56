import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { sessionOrder } from './order.ts';
import { pendingRevocations } from './pending.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';
import { indexWindows } from './windows.ts';

/**
 * KEYS: index, ids that this call revoked, pending revocations. ARGV: prefix, reason, start of the key
 * names of the user's sessions, user id, end of the id to keep (or an empty string), callId, device id
 * that must match or nothing.
 * Returns `done` and the ends of the ids that it revoked, now or when it was sent the first time; or
 * `pending` if they are revoked but not written yet; or `busy` if too many revocations are pending.
 */
export const revokeUserSessions: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  revocation,
  sessionOrder,
  pendingRevocations,
  userIndex,
  indexWindows,
  `
local log, reason, except, call, device = KEYS[2], ARGV[2], ARGV[5], ARGV[6], ARGV[7]
local at = open_index(KEYS[1], KEYS[3], ARGV[1], ARGV[3], ARGV[4])
adopt(at)
if is_pending(at, call) then return { 'pending' } end
if redis.call('ZCARD', at.index) > MANY_SESSIONS then
  if #at.pending >= 16 then return { 'busy' } end
  local newest = redis.call('ZREVRANGE', at.index, 0, 0, 'WITHSCORES')
  add_pending(at, {
    created = math.max(now, tonumber(newest[2])), id = ('\\255'):rep(22), except = except,
    device = device, reason = reason, call = call, at = now, log = log,
  })
  return { 'pending' }
end
local reply, revoked_ids = { 'done' }, remembered(log)
for _, s in ipairs((read_live(at, redis.call('ZRANGE', at.index, 0, -1)))) do
  if s.id ~= except and (not device or device_of(s) == device) then
    revoke(at.prefix, s.key, s, reason, call, now)
    revoked_ids[#revoked_ids + 1] = s.id
  end
end
if #revoked_ids > 0 then remember(log, revoked_ids) end
for i, id in ipairs(revoked_ids) do reply[i + 1] = id end
return reply
`,
);
