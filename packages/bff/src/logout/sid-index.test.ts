import { setTimeout as pause } from 'node:timers/promises';
import { createMemoryStore } from '@pawl/memory';
import { expect, test } from 'vitest';
import { rememberSid, userOfSid } from './sid-index.ts';

type Context = Parameters<typeof userOfSid>[0];

const setUp = (settings: Partial<Context> = {}): Context => {
  const { singleUse, leases } = createMemoryStore();
  const slow: Context['singleUse'] = {
    put: async (...entry) => {
      await pause(5);
      return singleUse.put(...entry);
    },
    take: (key) => singleUse.take(key),
    deleteExpired: () => singleUse.deleteExpired(),
  };
  const provider = { issuer: 'https://id.example' } as Context['provider'];
  const times = { absoluteTimeout: 60_000, leaseTtl: 1_000, maxWait: 10_000 };
  return { singleUse: slow, leases, provider, ...times, ...settings };
};

test('whoever asks finds the user, however many ask or log in at once', async () => {
  const settings = setUp();
  await rememberSid(settings, 'one', 'ann');
  const asked = Array.from({ length: 12 }, async (_, index) => {
    if (index % 3 === 0) await rememberSid(settings, 'one', 'ann');
    return userOfSid(settings, 'one');
  });
  expect(new Set(await Promise.all(asked))).toStrictEqual(new Set(['ann']));
  expect(await userOfSid(settings, 'two')).toBeNull();
});

test('who cannot get to the entry says so, and does not say that there is none', async () => {
  const settings = setUp({ maxWait: 30 });
  const leases = { ...settings.leases, acquire: async () => null };
  await expect(userOfSid({ ...settings, leases }, 'one')).rejects.toMatchObject({
    code: 'ERR_UPSTREAM_UNAVAILABLE',
  });
});
