import { isBytes } from '@pawl/core/internal';

/**
 * Returns a value with every byte array as hexadecimal text, so that a `Buffer` equals a `Uint8Array` and
 * messages are readable.
 */
export const toPlain = (value: unknown): unknown => {
  if (isBytes(value)) return hex(value);
  if (/^\[object (Set|Map)\]$/.test(Object.prototype.toString.call(value)))
    throw new TypeError('a Set or Map cannot be compared; compare arrays');
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toPlain(part)]));
};

/** Returns the same text for equal values, whatever the order of their keys. */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(toPlain(value), (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** Orders texts by code units, which is the byte order of ids. */
export const byText = (a: string, b: string): number => (a < b ? -1 : 1);

const hex = (bytes: Uint8Array): string =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
