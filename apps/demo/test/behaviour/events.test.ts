import { describe, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { startDemo } from '../../src/server.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { ann, config, origin, start } from '../harness/demo.ts';
import { entriesOf, listen } from '../harness/events.ts';
import { createTestStore, type StoreName } from '../harness/store.ts';
import { sendTo, visitorOf } from '../harness/visitor.ts';

test('a page receives the history, and then each event', async () => {
  await using service = await start({ settlePeriod: 0 });
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  const cookie = await page.jar.getCookieString(`${origin}/events`);
  const { received, ended } = await listen(service.demo.port, cookie);
  const tabs = await Promise.all(Array.from({ length: 5 }, () => page.copy()));
  await Promise.all(tabs.map((tab) => tab.send('POST', '/refresh')));
  await page.send('POST', '/logout');
  await ended;
  expect(received[0]).toMatchObject({ name: 'history', data: [{ type: 'session.created' }] });
  const entries = entriesOf(received);
  expect(entries.map(({ type }) => type)).toEqual([
    'session.rotated',
    ...Array.from({ length: 4 }, () => 'session.replayed'),
    'session.revoked',
  ]);
  expect(entries[0]).toMatchObject({ presented: 0, generation: 1 });
  expect(entries[1]).toMatchObject({ presented: 0, generation: 1 });
  expect(entries.at(-1)).toMatchObject({ reason: 'logout' });
  expect(received.at(-1)).toMatchObject({ name: 'end' });
  expect(JSON.stringify(received)).not.toMatch(/pawl_|sessionId|userId/);
});

test.each(['memory', 'redis'] as const)(
  'on %s a page receives the reason before the end, once',
  async (store) => {
    await using service = await start({ preset: 'strict' }, store);
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const cookie = await page.jar.getCookieString(`${origin}/events`);
    const { received, ended } = await listen(service.demo.port, cookie);
    const thief = await page.copy();
    await page.send('POST', '/refresh');
    await thief.send('POST', '/refresh');
    await ended;
    expect(entriesOf(received)).toMatchObject([
      { type: 'session.rotated' },
      { type: 'reuse.detected', presented: 0, generation: 1 },
      { type: 'session.revoked', reason: 'reuse_detected' },
    ]);
  },
);

test('a page receives no events of other sessions, and an API key none at all', async () => {
  await using service = await start();
  const [page, stranger] = [service.visitor(), service.visitor()];
  await page.send('POST', '/register', ann);
  await stranger.send('POST', '/register', { ...ann, username: 'bob' });
  const cookie = await page.jar.getCookieString(`${origin}/events`);
  const { received, ended } = await listen(service.demo.port, cookie);
  await stranger.send('POST', '/logout');
  await page.send('POST', '/logout');
  await ended;
  expect(entriesOf(received)).toHaveLength(1);
  const { body } = await service.send('POST', '/login', { ...ann, deliver: 'body' });
  const bearer = { authorization: `Bearer ${String(body['access_token'])}` };
  const made = await service.send('POST', '/api-keys', { name: 'ci' }, bearer);
  const authorization = `Bearer ${String(made.body['api_key'])}`;
  expect(await service.send('GET', '/events', undefined, { authorization })).toMatchObject({
    status: 403,
  });
});

const shared: readonly StoreName[] = ['sqlite', 'redis', 'postgres'];
describe.for(shared)('two nodes on %s', (name) => {
  test('a revocation on one node reaches a page on the other node within a second', async () => {
    const testStore = await createTestStore(name);
    const node = async () => {
      const settings = { ...config, ...testStore.config };
      const storage = await openStorage(settings.store, settings.users);
      const demo = await startDemo(settings, storage, createLog({ write: () => {} }));
      return { demo, storage, visitor: visitorOf(sendTo(demo.port), origin) };
    };
    const nodes = [await node(), await node()] as const;
    const [here, elsewhere] = nodes;
    try {
      await here.visitor.send('POST', '/register', ann);
      const cookie = await here.visitor.jar.getCookieString(`${origin}/events`);
      const { received, ended } = await listen(here.demo.port, cookie);
      await elsewhere.visitor.send('POST', '/login', ann);
      const revokedAt = Date.now();
      expect(await elsewhere.visitor.send('DELETE', '/sessions?except=current')).toMatchObject({
        status: 204,
      });
      await ended;
      expect(entriesOf(received)).toMatchObject([{ type: 'session.revoked', reason: 'revoked' }]);
      expect((received.at(-1)?.receivedAt ?? Infinity) - revokedAt).toBeLessThan(1_000);
    } finally {
      await Promise.all(nodes.map(({ demo }) => demo.stop()));
      await Promise.all(nodes.map(({ storage }) => storage.close()));
      await testStore.remove();
    }
  });
});
