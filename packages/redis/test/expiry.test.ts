import { newApiKey, newSession, newUserId } from '@pawl/testkit';
import { afterAll, expect, it } from 'vitest';
import { keysOf, openNode } from './nodes.ts';

const node = openNode('standalone');
const { client } = node;
afterAll(() => node.close());

it('leaves no key when all has expired, without anybody sweeping', async () => {
  const prefix = 'expiry:';
  const store = node.storeWith({ prefix });
  const expiresAt = Date.now() + 500;
  const userId = newUserId();
  for (let i = 0; i < 20; i++) {
    const session = newSession({ expiresAt, ...(i % 2 && { userId }) });
    await store.sessions.create(session);
    if (i % 3 === 0) await store.sessions.revoke(session.sessionId, 'logout');
  }
  await store.sessions.create(newSession({ userId, expiresAt: Date.now() + 100 }));
  await store.blocklist.revoke('id', expiresAt);
  await store.singleUse.put('key', 'value', 500);
  expect((await keysOf(client, prefix)).length).toBeGreaterThan(24);
  await expect
    .poll(async () => (await keysOf(client, prefix)).length, { timeout: 5_000, interval: 50 })
    .toBe(0);
});

it('keeps the index until the last session of the user is over, and no longer', async () => {
  const prefix = 'index:';
  const { sessions } = node.storeWith({ prefix });
  const userId = newUserId();
  const expiries = [Date.now() + 400, Date.now() + 3_600_000, Date.now() + 1_800_000];
  for (const expiresAt of expiries) await sessions.create(newSession({ userId, expiresAt }));
  const [index = ''] = (await keysOf(client, prefix)).filter((key) => key.startsWith(`${prefix}u`));
  expect(await client.pexpiretime(index)).toBe(expiries[1]);
  expect(await client.zcard(index)).toBe(3);
  await expect.poll(async () => (await sessions.list(userId)).records.length).toBe(2);
  // Whoever reads the index as a whole cleans it.
  expect(await client.zcard(index)).toBe(2);
  await sessions.revokeAll(userId, 'logout');
  expect(await client.exists(index)).toBe(0);
});

it('lets the index of API keys expire, unless one of them never does', async () => {
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
  await apiKeys.revoke(forever.keyId);
  expect(await client.pexpiretime(index)).toBe(Math.ceil(soon / 60_000) * 60_000);
  await apiKeys.revokeAll(userId);
  expect(await client.exists(index)).toBe(0);
});
