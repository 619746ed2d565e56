/**
 * Reads a user's live sessions through the index. Also returns the ids in the index whose session
 * is revoked or missing. Needs `session/record.ts` and `user-index.ts`.
 */
export const liveSessions = `
local function live_sessions(index, base, user, now)
  local ids = redis.call('ZRANGE', index, 0, -1)
  local found, live, stale = read_all(index, base, ids), {}, {}
  for i, id in ipairs(ids) do
    local s = found[i] and read(found[i])
    if not s or has(s, REVOKED) then
      stale[#stale + 1] = id
    elseif not ended(s, now) and user_of(s) == user then
      s.id, s.key = id, base .. id
      live[#live + 1] = s
    end
  end
  return live, stale
end
`;
