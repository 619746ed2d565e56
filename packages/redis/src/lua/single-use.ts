import { Script } from '../connection/script.ts';

/**
 * A single-use value is stored as `\1`, the callId of who put it, and the value; once taken as
 * `\2`, the callIds of who put and who took it, and the value. A taken value is kept for one minute at most, so
 * that the call that took it may be sent again. What an earlier version has put is the bare value.
 */
const singleUse = `
local function read(key)
  local stored = redis.call('GET', key)
  if not stored then return nil end
  local state = stored:byte(1)
  if state == 1 then return 1, stored:sub(2, 17), '', stored:sub(18) end
  if state == 2 then return 2, stored:sub(2, 17), stored:sub(18, 33), stored:sub(34) end
  return 1, ('\\0'):rep(16), '', stored
end
`;

/**
 * KEYS: the value's key. ARGV: value, lifetime in ms, callId.
 * Returns 1 if this call has stored the value, now or when it was sent before; else nil. Without the
 * flag `allow-oom`, so Redis refuses it when memory is full.
 */
export const putValue: Script = new Script(
  '#!lua',
  singleUse,
  `
local state, put_by = read(KEYS[1])
if put_by == ARGV[3] then return 1 end
if state == 1 then return false end
redis.call('SET', KEYS[1], '\\1' .. ARGV[3] .. ARGV[1], 'PX', ARGV[2])
return 1
`,
);

/**
 * KEYS: the value's key. ARGV: callId.
 * Returns the value if this call takes it, or has taken it when it was sent before; else nil.
 */
export const takeValue: Script = new Script(
  '#!lua flags=allow-oom',
  singleUse,
  `
local state, put_by, taken_by, value = read(KEYS[1])
if state == 1 then
  local left = math.min(redis.call('PTTL', KEYS[1]), 60000)
  redis.call('SET', KEYS[1], '\\2' .. put_by .. ARGV[1] .. value, 'PX', math.max(left, 1))
  return value
end
return state == 2 and taken_by == ARGV[1] and value
`,
);
