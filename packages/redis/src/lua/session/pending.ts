/**
 * Pending revocations: one small write ends very many sessions of a user at once, and each record is
 * written later, in steps. Until then every script that reads a record that is marked as `MANY` asks
 * the user's list of them. Needs `session/record.ts`, `session/revocation.ts` and `session/order.ts`.
 *
 * A pending revocation ends every session up to the position `created`, `id`, except one, or those
 * of one device. `cursor` is how far it has been written to the records, `log` is the key to which the
 * ids are appended.
 */
export const pendingRevocations = `
-- A user with more sessions than that has them marked.
local MANY_SESSIONS = 200

local function pending_of(name)
  local all = redis.call('LRANGE', name, 0, -1)
  for i, packed in ipairs(all) do all[i] = cmsgpack.unpack(packed) end
  return all
end

local function device_of(s)
  local at = texts(s)
  return has(s, DEVICE) and s.bytes:sub(at.device + 2, at.attributes - 1)
end

local function covering(all, s, id)
  for _, p in ipairs(all) do
    local device = not p.device or device_of(s) == p.device
    if device and id ~= p.except and not is_older(p.created, p.id, s.created, id) then return p end
  end
end

local function revoke_by(p, prefix, key, s)
  revoke(prefix, key, s, p.reason, p.call, p.at)
  redis.call('APPEND', p.log, key:sub(-22))
  redis.call('PEXPIRE', p.log, 600000)
end

-- Writes a pending revocation to a record that a script has just read.
local function settle(key, s, now)
  if not has(s, MANY) or ended(s, now) then return end
  local prefix = key:sub(1, -28)
  local name = prefix .. 'p' .. shard_of(key) .. redis.sha1hex(user_of(s)):sub(1, 22)
  local p = covering(pending_of(name), s, key:sub(-22))
  if p then revoke_by(p, prefix, key, s) end
end
`;
