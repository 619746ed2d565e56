const names = new Map<string, string>();

/** Registers a statement of this package under a name that depends only on its text. */
export const nameStatement = (text: string): void => {
  names.set(text, `pawl_${fingerprint(text)}`);
};

/** The name of a statement, or undefined if it is not one of this package. */
export const nameOfStatement = (text: string): string | undefined => names.get(text);

/** Length and FNV-1a, forwards and backwards: all three must match for a collision. */
const fingerprint = (text: string): string => {
  let forward = 0x811c9dc5;
  let backward = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    forward = Math.imul(forward ^ text.charCodeAt(i), 0x01000193);
    backward = Math.imul(backward ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [text.length, forward >>> 0, backward >>> 0].map((n) => n.toString(36)).join('_');
};
