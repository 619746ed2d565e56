/**
 * What people leave in place of a secret, and what documentation prints: everybody knows it. Each
 * word is too long to appear in random characters by chance.
 */
const placeholders =
  /change[-_ ]?(me|this|it)|(your|my|super|top)[-_ ]?(own[-_ ]?)?secret|replace[-_ ]?(me|this|with)|example|placeholder|password|at least 32 (random )?(bytes|char)|development|insecure|not[-_ ]?(a|so)?[-_ ]?secret|generate[-_ ]?secret|test[-_ ]?secret/i;

const decoder = new TextDecoder('latin1');

/** Returns why everybody could guess a secret, or undefined. It finds mistakes, not weak randomness. */
export const weaknessOf = (bytes: Uint8Array): string | undefined => {
  if (placeholders.test(decoder.decode(bytes))) return 'is an example or a placeholder';
  if (new Set(bytes).size < 8 || isPeriodic(bytes)) return 'is a repeated pattern';
  return isSequence(bytes) ? 'is a sequence' : undefined;
};

/** Whether the bytes are one shorter text, said at least twice. */
const isPeriodic = (bytes: Uint8Array): boolean => {
  for (let period = 1; period * 2 <= bytes.length; period++) {
    if (bytes.every((byte, i) => i < period || byte === bytes[i - period])) return true;
  }
  return false;
};

/** Whether nearly every byte follows the one before it, as in the alphabet. */
const isSequence = (bytes: Uint8Array): boolean => {
  let steps = 0;
  for (let i = 1; i < bytes.length; i++) {
    if (Math.abs((bytes[i] as number) - (bytes[i - 1] as number)) <= 1) steps++;
  }
  return steps > bytes.length * 0.75;
};
