/** Reads what a user's index names. */
export const userIndex = `
-- The index is read together with the records, though MGET answers nothing for it: while the
-- slot migrates, a command of several keys fails where one of them is away, and a command of one
-- key would find nothing. So no record is ever overlooked.
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

-- The index cleans itself whenever it is read as a whole.
local function forget(index, ids)
  for from = 1, #ids, 1000 do
    redis.call('ZREM', index, unpack(ids, from, math.min(from + 999, #ids)))
  end
end
`;
