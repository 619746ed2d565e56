/**
 * What became of a session, as one string: a client reads that in half the time that a list of
 * parts takes. `session-answer.ts` takes it apart. The key is the one that was read.
 */
export const answer = `
local function answer(kind, age, bytes)
  return struct.pack('>I6i6B', now, age, #kind) .. KEYS[1]:sub(-26) .. kind .. bytes
end
`;
