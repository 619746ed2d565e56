const names = new Map<string, string>();

/** Gives a statement of this package a name that says nothing but which text it is. */
export const nameStatement = (text: string): void => {
  names.set(text, `pawl_${fingerprint(text)}`);
};

/** The name of a statement, if it is one of this package's. */
export const nameOfStatement = (text: string): string | undefined => names.get(text);

/** FNV-1a over both ends: two texts of equal length and sum would have to meet. */
const fingerprint = (text: string): string => {
  let forward = 0x811c9dc5;
  let backward = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    forward = Math.imul(forward ^ text.charCodeAt(i), 0x01000193);
    backward = Math.imul(backward ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [text.length, forward >>> 0, backward >>> 0].map((n) => n.toString(36)).join('_');
};
