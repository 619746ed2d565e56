/**
 * Reads a user's live API keys through the index. Also returns the ids in the index whose key is
 * revoked or missing. Needs `api-key/record.ts` and `user-index.ts`.
 */
export const liveApiKeys = `
local function live_api_keys(index, base, user, now)
  local ids = redis.call('ZRANGE', index, 0, -1)
  local found, alive, stale = read_all(index, base, ids), {}, {}
  for i, id in ipairs(ids) do
    local k = found[i] and read(found[i])
    if k and live(k, now) and user_of(k) == user then
      k.id, k.key = id, base .. id
      alive[#alive + 1] = k
    elseif not k or has(k, REVOKED) then
      stale[#stale + 1] = id
    end
  end
  return alive, stale
end
`;
