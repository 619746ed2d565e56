import { ConfigurationError, StoreFullError } from '@pawl/core';
import { createTestClock, newApiKey, newCallId, newSession, newUserId } from '@pawl/testkit';
import { expect, it } from 'vitest';
import { createMemoryStore } from '../src/store.ts';

const minute = 60_000;

it('a full store rejects a new session and evicts none', async () => {
  const { sessions } = createMemoryStore({ maxSessions: 2 });
  const userId = newUserId();
  const kept = newSession({ userId });
  await sessions.create(kept);
  await sessions.create(newSession({ userId }));
  const limit = { max: 1, policy: 'evict_oldest' } as const;
  await expect(sessions.create(newSession({ userId }), limit)).rejects.toThrow(StoreFullError);
  expect((await sessions.list(userId)).records).toHaveLength(2);
  expect((await sessions.find(kept.sessionId))?.record.revokedAt).toBeNull();
});

it('a full store deletes expired sessions to make room', async () => {
  const clock = createTestClock();
  const { sessions } = createMemoryStore({ maxSessions: 2, clock: clock.now });
  const [short, long] = [newSession({ idleTimeout: minute }), newSession()];
  await sessions.create(short);
  await sessions.create(long);
  await clock.advance(minute);
  await expect(sessions.create(newSession())).rejects.toThrow(StoreFullError);
  await clock.advance(1);
  await sessions.create(newSession());
  expect(await sessions.find(short.sessionId)).toBeNull();
  expect(await sessions.find(long.sessionId)).not.toBeNull();
  expect((await sessions.list(short.userId)).records).toEqual([]);
});

it('a full store notices sessions that expire at different times', async () => {
  const clock = createTestClock();
  const { sessions } = createMemoryStore({ maxSessions: 2, clock: clock.now });
  const touched = newSession({ idleTimeout: minute });
  await sessions.create(touched);
  await sessions.create(newSession({ idleTimeout: 2 * minute }));
  await clock.advance(minute - 1);
  await sessions.touch(touched.sessionId, 0);
  await clock.advance(2);
  await expect(sessions.create(newSession())).rejects.toThrow(StoreFullError);
  await clock.advance(minute);
  await sessions.create(newSession());
});

it('the other parts have a maximum, too', async () => {
  const clock = createTestClock();
  const store = createMemoryStore({
    clock: clock.now,
    maxBlocked: 1,
    maxSingleUse: 1,
    maxApiKeys: 1,
    maxLeases: 1,
  });
  const calls = [
    () => store.blocklist.revoke(newUserId(), clock.now() + minute),
    () => store.singleUse.put(newUserId(), '', minute, newCallId()),
    () => store.apiKeys.create(newApiKey({ expiresAt: clock.now() + minute })),
    () => store.leases.acquire(newUserId(), minute, newCallId()),
  ];
  for (const call of calls) await call();
  for (const call of calls) await expect(call()).rejects.toThrow(StoreFullError);
  await clock.advance(minute + 1);
  for (const call of calls) await call();
});

it('a full blocklist accepts an id that it holds already', async () => {
  const { blocklist } = createMemoryStore({ maxBlocked: 1 });
  await blocklist.revoke('jti', Date.now() + minute);
  await blocklist.revoke('jti', Date.now() + 2 * minute);
  expect(await blocklist.isRevoked(['jti'])).toBe(true);
});

it('a full rate-limit store deletes the least recently used bucket', async () => {
  const clock = createTestClock();
  const { rateLimits } = createMemoryStore({ clock: clock.now, maxRateLimits: 2 });
  const limit = { capacity: 9, refillInterval: minute };
  const left = async (key: string): Promise<number> =>
    (await rateLimits.consume(key, limit, newCallId())).remaining;
  expect([await left('a'), await left('b'), await left('a'), await left('c')]).toEqual([
    8, 8, 7, 8,
  ]);
  // There is room for two: `c` replaced `b`, `b` replaced `c`, and now `c` replaces `a`.
  expect([await left('a'), await left('b'), await left('c')]).toEqual([6, 8, 8]);
  await clock.advance(9 * minute);
  expect(await rateLimits.deleteExpired()).toBe(2);
});

it.each(['maxSessions', 'maxBlocked', 'maxSingleUse', 'maxApiKeys', 'maxLeases', 'maxRateLimits'])(
  'an invalid maximum is rejected: %s',
  (option) => {
    for (const bound of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createMemoryStore({ [option]: bound })).toThrow(ConfigurationError);
    }
  },
);
