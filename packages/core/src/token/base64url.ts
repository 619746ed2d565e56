const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const foreign = 0xff;

/** By character code: the six bits that the character stands for, or `foreign`. */
const bitsOf = new Uint8Array(128).fill(foreign);
for (let i = 0; i < alphabet.length; i++) bitsOf[alphabet.charCodeAt(i)] = i;

const bitsAt = (text: string, index: number): number => {
  const code = text.charCodeAt(index);
  return code < 128 ? (bitsOf[code] as number) : foreign;
};

/**
 * Encodes bytes whose number is a multiple of three (RFC 4648 § 5, no padding). All tokens and ids
 * have such a length: no character carries spare bits, so each value has exactly one spelling.
 */
export const encodeTriples = (bytes: Uint8Array): string => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group =
      ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    text +=
      (alphabet[group >> 18] as string) +
      (alphabet[(group >> 12) & 63] as string) +
      (alphabet[(group >> 6) & 63] as string) +
      (alphabet[group & 63] as string);
  }
  return text;
};

/**
 * Decodes the output of {@link encodeTriples}, from `start` to the end of the text. Returns null for
 * a foreign character. The caller checks the length: it must be a multiple of four.
 */
export const decodeTriples = (text: string, start: number): Uint8Array | null => {
  const bytes = new Uint8Array(((text.length - start) / 4) * 3);
  for (let i = start, at = 0; i < text.length; i += 4, at += 3) {
    const a = bitsAt(text, i);
    const b = bitsAt(text, i + 1);
    const c = bitsAt(text, i + 2);
    const d = bitsAt(text, i + 3);
    if ((a | b | c | d) === foreign) return null;
    bytes[at] = (a << 2) | (b >> 4);
    bytes[at + 1] = (b << 4) | (c >> 2);
    bytes[at + 2] = (c << 6) | d;
  }
  return bytes;
};

/** Encodes bytes of any length in base64url (RFC 4648 § 5) without padding. */
export const encodeBase64url = (bytes: Uint8Array): string => {
  const padded = new Uint8Array(Math.ceil(bytes.length / 3) * 3);
  padded.set(bytes);
  return encodeTriples(padded).slice(0, Math.ceil((bytes.length * 4) / 3));
};

/**
 * Decodes base64url without padding. Returns null for anything that {@link encodeBase64url} does
 * not write: a foreign character, a length that no bytes have, or spare bits that are not zero.
 */
export const decodeBase64url = (text: string): Uint8Array | null => {
  if (text.length % 4 === 1) return null;
  const padded = decodeTriples(text.padEnd(Math.ceil(text.length / 4) * 4, 'A'), 0);
  if (!padded) return null;
  const length = Math.floor((text.length * 3) / 4);
  return padded.subarray(length).some((spare) => spare !== 0) ? null : padded.slice(0, length);
};
