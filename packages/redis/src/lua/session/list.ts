import { Script } from '../../connection/script.ts';
import { time } from '../time.ts';
import { userIndex } from '../user-index.ts';
import { sessionOrder } from './order.ts';
import { pendingRevocations } from './pending.ts';
import { sessionRecord } from './record.ts';
import { revocation } from './revocation.ts';
import { indexWindows } from './windows.ts';

/**
 * KEYS: index, pending revocations. ARGV: prefix, start of the key names of the user's sessions, user
 * id, how many ids to read, then the createdAt and the end of the id of the position, or nothing.
 * Returns the time, then the position after which to go on (or two empty strings at the end), then
 * the end of the id and the record of each live session.
 */
export const listSessions: Script = new Script(
  '#!lua flags=allow-oom',
  time,
  sessionRecord,
  revocation,
  sessionOrder,
  pendingRevocations,
  userIndex,
  indexWindows,
  `
local at = open_index(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])
local limit, created, id = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
adopt(at)
sweep(at)
local from = 0
if created then
  local score = redis.call('ZSCORE', at.index, id)
  from = tonumber(score) == created and redis.call('ZREVRANK', at.index, id) + 1
    or redis.call('ZCOUNT', at.index, '(' .. ARGV[5], '+inf')
end
local pairs_of = redis.call('ZREVRANGE', at.index, from, from + limit - 1, 'WITHSCORES')
local ids = {}
for i = 1, #pairs_of, 2 do ids[#ids + 1] = pairs_of[i] end
local more = #ids == limit
local reply = { now, more and pairs_of[#pairs_of] or '', more and ids[#ids] or '' }
for _, s in ipairs((read_live(at, ids))) do
  -- Of the same millisecond there may be some before the position.
  if not created or is_older(s.created, s.id, created, id) then
    reply[#reply + 1] = s.id
    reply[#reply + 1] = s.bytes
  end
end
return reply
`,
);
