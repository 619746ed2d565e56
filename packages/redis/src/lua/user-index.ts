/** Reads the records that a user's index lists. */
export const userIndex = `
-- MGET includes the index, although it returns nil for it: while the slot migrates, a command
-- with several keys fails if one of them is on the other node, but a command with one key would
-- find nothing. So no record is missed.
local function read_all(index, base, ids)
  local found = {}
  for from = 1, #ids, 1000 do
    local keys = { index }
    for i = from, math.min(from + 999, #ids) do keys[#keys + 1] = base .. ids[i] end
    local values = redis.call('MGET', unpack(keys))
    for i = 2, #values do found[from + i - 2] = values[i] end
  end
  return found
end

-- Removes ids from the index. Every script that reads the whole index cleans it this way.
local function forget(index, ids)
  for from = 1, #ids, 1000 do
    redis.call('ZREM', index, unpack(ids, from, math.min(from + 999, #ids)))
  end
end
`;
