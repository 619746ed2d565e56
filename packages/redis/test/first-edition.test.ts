import { readFileSync } from 'node:fs';
import { type FirstEdition, testFirstEdition } from '@pawl/upgrades';
import { describe } from 'vitest';
import { openNode } from './nodes.ts';

/** A key as it was found: see the README of `@pawl/upgrades`. */
type StoredKey = { readonly key: string; readonly expiresAt: number } & (
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'zset'; readonly value: readonly string[] }
);

type Made = FirstEdition & { readonly stored: readonly StoredKey[] };

const made = JSON.parse(
  readFileSync(new URL('first-edition.json', import.meta.url), 'utf8'),
) as Made;

/** Where the records of that layout have the times of what happened to them. */
const times: Readonly<Record<string, readonly number[]>> = {
  // createdAt, rotatedAt, lastActiveAt
  s: [16, 22, 28],
  // createdAt
  k: [2],
};

/** The value as if it had been written `later` ms later. */
const bytesOf = (kind: string, hex: string, later: number): Buffer => {
  const bytes = Buffer.from(hex, 'hex');
  for (const offset of times[kind] ?? []) {
    bytes.writeUIntBE(bytes.readUIntBE(offset, 6) + later, offset, 6);
  }
  return bytes;
};

describe.each(['standalone', 'cluster'] as const)('data of the first edition on %s', (server) => {
  let count = 0;
  testFirstEdition(made, async (age) => {
    const prefix = `first-edition-${++count}:`;
    const node = openNode(server);
    const { client } = node;
    // The data was made within a second.
    const later = Date.now() - age - 1_000 - made.madeAt;
    for (const one of made.stored) {
      const key = one.key.replace('pawl:', prefix);
      const kind = key.charAt(prefix.length);
      if (one.type === 'zset') {
        const pairs = Array.from({ length: one.value.length / 2 }, (_, i) => [
          one.value[2 * i + 1] as string,
          one.value[2 * i] as string,
        ]);
        await client.zadd(key, ...pairs.flat());
      } else {
        await client.set(key, bytesOf(kind, one.value, later));
      }
      // The expiry of a bucket is its state.
      const expiresAt = one.expiresAt + (kind === 'r' ? later : 0);
      if (one.expiresAt > 0) await client.pexpireat(key, expiresAt);
    }
    return { store: node.storeWith({ prefix }), close: async () => node.close() };
  });
});
