/** The order of a user's sessions: by createdAt, then by the bytes of the id. */
export const sessionOrder = `
-- Lua itself compares strings by the locale.
local function is_older(created, id, than_created, than_id)
  if created ~= than_created then return created < than_created end
  for i = 1, #id do
    local x, y = id:byte(i), than_id:byte(i)
    if x ~= y then return x < y end
  end
  return false
end
`;
