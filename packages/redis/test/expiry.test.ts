import { newCallId } from '@pawl/core/store';
import { newApiKey, newSession, newUserId } from '@pawl/testkit';
import { afterAll, expect, it } from 'vitest';
import { keysOf, openNode } from './nodes.ts';

const node = openNode('standalone');
const { client } = node;
afterAll(() => node.close());

it('leaves no key when everything has expired, without deleteExpired', async () => {
  const prefix = 'expiry:';
  const store = node.storeWith({ prefix });
  const expiresAt = Date.now() + 500;
  const userId = newUserId();
  for (let i = 0; i < 20; i++) {
    const session = newSession({ expiresAt, ...(i % 2 && { userId }) });
    await store.sessions.create(session);
    if (i % 3 === 0)
      await store.sessions.revoke({
        sessionId: session.sessionId,
        reason: 'logout',
        callId: newCallId(),
      });
  }
  await store.sessions.create(newSession({ userId, expiresAt: Date.now() + 100 }));
  await store.blocklist.revoke('id', expiresAt);
  await store.singleUse.put('key', 'value', 500, newCallId());
  await store.rateLimits.consume('key', { capacity: 2, refillInterval: 250, cost: 2 }, newCallId());
  expect((await keysOf(client, prefix)).length).toBeGreaterThan(25);
  await expect
    .poll(async () => (await keysOf(client, prefix)).length, { timeout: 5_000, interval: 50 })
    .toBe(0);
});

it('keeps a bucket until it is full, even after refused calls', async () => {
  const prefix = 'bucket:';
  const { rateLimits } = node.storeWith({ prefix });
  const limit = { capacity: 2, refillInterval: 3_600_000 };
  const before = Date.now();
  await rateLimits.consume('key', limit, newCallId());
  const [key = ''] = await keysOf(client, prefix);
  const first = await client.pexpiretime(key);
  expect(first - before - limit.refillInterval).toBeGreaterThanOrEqual(-1);
  for (let i = 0; i < 3; i++) await rateLimits.consume('key', limit, newCallId());
  expect(await client.pexpiretime(key)).toBe(first + limit.refillInterval);
  expect(await keysOf(client, prefix)).toEqual([key]);
});

it('keeps the index exactly until the last session of the user has expired', async () => {
  const prefix = 'index:';
  const { sessions } = node.storeWith({ prefix });
  const userId = newUserId();
  const expiries = [Date.now() + 400, Date.now() + 3_600_000, Date.now() + 1_800_000];
  for (const expiresAt of expiries) await sessions.create(newSession({ userId, expiresAt }));
  const [index = ''] = (await keysOf(client, prefix)).filter((key) => key.startsWith(`${prefix}u`));
  expect(await client.pexpiretime(index)).toBe(expiries[1]);
  expect(await client.zcard(index)).toBe(3);
  await expect.poll(async () => (await sessions.list(userId)).records.length).toBe(2);
  // Reading the whole index removes expired ids from it.
  expect(await client.zcard(index)).toBe(2);
  await sessions.revokeAll({ userId, reason: 'logout', callId: newCallId() });
  expect(await client.exists(index)).toBe(0);
});

it('lets the index of API keys expire, unless one key never expires', async () => {
  const prefix = 'key-index:';
  const { apiKeys } = node.storeWith({ prefix });
  const userId = newUserId();
  const soon = Date.now() + 3_600_000;
  await apiKeys.create(newApiKey({ userId, expiresAt: soon }));
  const [index = ''] = (await keysOf(client, prefix)).filter((key) => key.startsWith(`${prefix}o`));
  expect(await client.pexpiretime(index)).toBe(Math.ceil(soon / 60_000) * 60_000);
  const forever = newApiKey({ userId });
  await apiKeys.create(forever);
  expect(await client.pexpiretime(index)).toBe(-1);
  await apiKeys.revoke({ keyId: forever.keyId, callId: newCallId() });
  expect(await client.pexpiretime(index)).toBe(Math.ceil(soon / 60_000) * 60_000);
  await apiKeys.revokeAll({ userId, callId: newCallId() });
  expect(await client.exists(index)).toBe(0);
});
