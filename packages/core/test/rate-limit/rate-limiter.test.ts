import { ConfigurationError, InvalidInputError, StoreUnavailableError } from '@pawl/core';
import { createRateLimiter } from '@pawl/core/rate-limits';
import type { RateLimitStore } from '@pawl/core/store';
import { expect, it } from 'vitest';
import { createMemoryStore } from '../memory-store.ts';

const secret = 'a root secret of quite enough random bytes: 0123456789';
const limit = { capacity: 1, refillInterval: 1_000 };

it('counts each subject and each action by itself', async () => {
  let now = 0;
  const store = createMemoryStore({ clock: () => now });
  const limiter = createRateLimiter({ store, secrets: [secret] });
  const allowed = async (action: string, subject: string): Promise<boolean> =>
    (await limiter.consume(action, subject, limit)).allowed;
  expect(await allowed('login', 'ann')).toBe(true);
  expect(await allowed('login', 'ann')).toBe(false);
  expect(await allowed('login', 'bob')).toBe(true);
  expect(await allowed('refresh', 'ann')).toBe(true);
  // The boundary between action and subject is part of the key.
  expect(await allowed('log', 'inann')).toBe(true);
  now += 1_000;
  expect(await allowed('login', 'ann')).toBe(true);
});

/** A store that records its keys. */
const watched = (): { rateLimits: RateLimitStore; keys: string[] } => {
  const { rateLimits } = createMemoryStore();
  const keys: string[] = [];
  return {
    keys,
    rateLimits: {
      consume: (key, asked, callId) => {
        keys.push(key);
        return rateLimits.consume(key, asked, callId);
      },
      deleteExpired: () => rateLimits.deleteExpired(),
    },
  };
};

it('PX-03: sends a store only keyed hashes, the same on every node', async () => {
  const store = watched();
  for (const secrets of [[secret], [secret], [secret.toUpperCase()]]) {
    await createRateLimiter({ store, secrets }).consume('login', '203.0.113.7', limit);
  }
  expect(store.keys.every((key) => /^[\w-]{24}$/.test(key))).toBe(true);
  expect(store.keys[1]).toBe(store.keys[0]);
  expect(store.keys[2]).not.toBe(store.keys[0]);
});

it('hashes with the active secret, so that a published one has no effect yet', async () => {
  const store = watched();
  const next = { secret: secret.toUpperCase(), status: 'published' } as const;
  await createRateLimiter({ store, secrets: [secret] }).consume('login', 'ann', limit);
  await createRateLimiter({ store, secrets: [next, secret] }).consume('login', 'ann', limit);
  expect(new Set(store.keys).size).toBe(1);
});

it('throws, and lets nothing through, if the store fails', async () => {
  const rateLimits: RateLimitStore = {
    consume: async () => {
      throw new Error('connect ECONNREFUSED 10.0.0.5:6379');
    },
    deleteExpired: async () => 0,
  };
  const limiter = createRateLimiter({ store: { rateLimits }, secrets: [secret] });
  await expect(limiter.consume('login', 'ann', limit)).rejects.toThrow(StoreUnavailableError);
});

it('makes no store call for an invalid limit', async () => {
  const store = watched();
  const limiter = createRateLimiter({ store, secrets: [secret] });
  await expect(limiter.consume('login', 'ann', { ...limit, cost: 2 })).rejects.toThrow(
    InvalidInputError,
  );
  expect(store.keys).toEqual([]);
});

it('throws an error that names what is missing', () => {
  const store = createMemoryStore();
  expect(() => createRateLimiter({ store: {} as typeof store, secrets: [secret] })).toThrow(
    /^store:/,
  );
  expect(() => createRateLimiter({ store, secrets: [] })).toThrow(ConfigurationError);
  expect(() => createRateLimiter({ store, secrets: ['short'] })).toThrow(/^secrets:/);
});
