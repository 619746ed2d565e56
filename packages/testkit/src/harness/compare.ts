/**
 * A value with every byte array as hexadecimal text: for comparing (a `Buffer`
 * is as good as a `Uint8Array`) and for messages that can be read.
 */
export const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Set || value instanceof Map) throw new TypeError('compare arrays');
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
};

/** One text per value, whatever the order of its keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(plain(value), (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** Orders texts by their code units, which is the order of the bytes of an id. */
export const byText = (a: string, b: string): number => (a < b ? -1 : 1);

const hex = (bytes: Uint8Array): string =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
