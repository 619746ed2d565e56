/**
 * Reads a user's index of sessions in windows, whose cost does not depend on how many sessions the
 * user has. Needs `session/pending.ts` and `user-index.ts`.
 */
export const indexWindows = `
local STEP = 50

local function open_index(index, pending, prefix, base, user)
  return { index = index, name = pending, prefix = prefix, base = base, user = user,
    pending = pending_of(pending) }
end

-- Returns the live ones of these sessions, and how many ids stay in the index. Ends those that a
-- pending revocation covers, and removes those that have ended from the index.
local function read_live(at, ids)
  local found, live, gone, stay = read_all(at.index, at.base, ids), {}, {}, 0
  for i, id in ipairs(ids) do
    local s = found[i] and read(found[i])
    if not s or ended(s, now) then
      gone[#gone + 1] = id
    elseif user_of(s) ~= at.user then
      stay = stay + 1
    else
      s.id, s.key = id, at.base .. id
      local p = covering(at.pending, s, id)
      if p then
        revoke_by(p, at.prefix, s.key, s)
      else
        live[#live + 1] = s
        stay = stay + 1
      end
    end
  end
  forget(at.index, gone)
  return live, stay
end

local function mark_many(key, bytes)
  local flags = bytes:byte(2)
  if bit.band(flags, MANY) ~= 0 then return end
  local marked = bytes:sub(1, 1) .. string.char(flags + MANY) .. bytes:sub(3)
  redis.call('SET', key, marked, 'KEEPTTL')
end

-- The first edition used minutes of expiry as scores, not ms of creation.
local LARGEST_MINUTE = 1000000000

local function adopt(at)
  local first = redis.call('ZRANGE', at.index, 0, 0, 'WITHSCORES')
  if not first[2] or tonumber(first[2]) > LARGEST_MINUTE then return end
  local ids = redis.call('ZRANGEBYSCORE', at.index, '-inf', LARGEST_MINUTE, 'LIMIT', 0, 500)
  local found, gone = read_all(at.index, at.base, ids), {}
  local many = redis.call('ZCARD', at.index) > MANY_SESSIONS
  for i, id in ipairs(ids) do
    if not found[i] then
      gone[#gone + 1] = id
    else
      redis.call('ZADD', at.index, read(found[i]).created, id)
      if many then mark_many(at.base .. id, found[i]) end
    end
  end
  forget(at.index, gone)
end

-- Writes the oldest pending revocation to the next records.
local function sweep(at)
  local p = at.pending[1]
  if not p then return end
  local rank = p.cursor_id and redis.call('ZRANK', at.index, p.cursor_id)
  local from = rank and rank + 1
    or p.cursor and redis.call('ZCOUNT', at.index, '-inf', '(' .. p.cursor) or 0
  local pairs_of = redis.call('ZRANGE', at.index, from, from + STEP - 1, 'WITHSCORES')
  local ids = {}
  for i = 1, #pairs_of, 2 do ids[#ids + 1] = pairs_of[i] end
  read_live(at, ids)
  local id, created = ids[#ids], tonumber(pairs_of[#pairs_of])
  if #ids < STEP or is_older(p.created, p.id, created, id) then
    redis.call('LPOP', at.name)
    table.remove(at.pending, 1)
  else
    p.cursor, p.cursor_id = created, id
    redis.call('LSET', at.name, 0, cmsgpack.pack(p))
  end
end

-- The revocation is in force from now on.
local function add_pending(at, p)
  redis.call('RPUSH', at.name, cmsgpack.pack(p))
  redis.call('PEXPIREAT', at.name, redis.call('PEXPIRETIME', at.index))
end

local function is_pending(at, call)
  for _, p in ipairs(at.pending) do
    if p.call == call then return true end
  end
  return false
end
`;
