import { setTimeout as pause } from 'node:timers/promises';
import { createMemoryStore } from '@pawl/memory';
import { expect, test } from 'vitest';
import { findUserOfSid, rememberSid } from './sid-index.ts';

type Settings = Parameters<typeof findUserOfSid>[0];

const setUp = (settings: Partial<Settings> = {}): Settings => {
  const { singleUse, leases } = createMemoryStore();
  const slow: Settings['singleUse'] = {
    put: async (...entry) => {
      await pause(5);
      return singleUse.put(...entry);
    },
    take: (key, callId) => singleUse.take(key, callId),
    deleteExpired: () => singleUse.deleteExpired(),
  };
  const provider = { issuer: 'https://id.example' } as Settings['provider'];
  const times = { absoluteTimeout: 60_000, leaseTtl: 1_000, maxWait: 10_000 };
  return { singleUse: slow, leases, provider, ...times, ...settings };
};

test('the user is found, however many requests look it up or store it at once', async () => {
  const settings = setUp();
  await rememberSid(settings, 'one', 'ann');
  const asked = Array.from({ length: 12 }, async (_, index) => {
    if (index % 3 === 0) await rememberSid(settings, 'one', 'ann');
    return findUserOfSid(settings, 'one');
  });
  expect(new Set(await Promise.all(asked))).toStrictEqual(new Set(['ann']));
  expect(await findUserOfSid(settings, 'two')).toBeNull();
});

test('an entry that stays locked is an error, not a missing user', async () => {
  const settings = setUp({ maxWait: 30 });
  const leases = { ...settings.leases, acquire: async () => null };
  await expect(findUserOfSid({ ...settings, leases }, 'one')).rejects.toMatchObject({
    code: 'ERR_UPSTREAM_UNAVAILABLE',
  });
});
