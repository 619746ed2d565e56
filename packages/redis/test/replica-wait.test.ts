import { StoreUnavailableError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { type RedisServer, startRedis, startTogether, stopTogether } from '@pawl/servers';
import { newSession, newUserId, rotationInput } from '@pawl/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createRedisStore, type RedisStore } from '../src/store.ts';
import { openNode } from './nodes.ts';

let master: RedisServer;
let replica: RedisServer;
let client: Redis;
let waiter: Redis;
let store: RedisStore;

beforeAll(async () => {
  [master] = await startTogether(startRedis({ config: { 'repl-diskless-sync-delay': '0' } }));
  replica = await startRedis({ config: { replicaof: `127.0.0.1 ${master.port}` } });
  client = new Redis(master.port);
  waiter = new Redis(master.port);
  // A master streams to a new replica only after its first acknowledgement, about a second later.
  await vi.waitUntil(
    async () => (await client.set('key', '')) && (await client.wait(1, 100)) === 1,
    {
      timeout: 20_000,
    },
  );
  store = createRedisStore(client, { wait: { client: waiter, replicas: 1, timeout: 500 } });
}, 30_000);
afterAll(async () => {
  client.disconnect();
  waiter.disconnect();
  replica.resume();
  await stopTogether([master, replica]);
});

it('acknowledges many writes that a replica has by one WAIT', async () => {
  const userIds = Array.from({ length: 64 }, newUserId);
  const created = userIds.map((userId) => newSession({ userId }));
  await Promise.all(created.map((session) => store.sessions.create(session)));
  const waits = /cmdstat_wait:calls=(\d+)/.exec(await client.info('commandstats'))?.[1];
  expect(Number(waits)).toBeLessThan(20);
  const onReplica = new Redis(replica.port);
  expect(await onReplica.dbsize()).toBeGreaterThanOrEqual(2 * created.length);
  onReplica.disconnect();
});

it('fails when no replica confirms in time, delays no other verb, and can be repeated', async () => {
  const session = newSession();
  const { sessionId } = session;
  await store.sessions.create(session);
  replica.pause();
  const rotating = store.sessions.rotate(rotationInput(sessionId, 0));
  const started = Date.now();
  expect((await store.sessions.find(sessionId))?.record.generation).toBe(1);
  expect(Date.now() - started).toBeLessThan(250);
  await expect(rotating).rejects.toThrow(StoreUnavailableError);
  const again = store.sessions.rotate(rotationInput(sessionId, 0));
  await expect(again).rejects.toThrow(StoreUnavailableError);
  await expect(
    store.sessions.revoke({ sessionId, reason: 'logout', callId: newCallId() }),
  ).rejects.toThrow(StoreUnavailableError);
  replica.resume();
  await expect
    .poll(
      () =>
        store.sessions
          .revoke({ sessionId, reason: 'logout', callId: newCallId() })
          .catch(() => 'not yet'),
      {
        timeout: 10_000,
      },
    )
    .toBe('already_revoked');
});

it('waits on a cluster on the node that has the user’s slot', async () => {
  const node = openNode('cluster');
  const wait = openNode('cluster');
  const options = { prefix: 'wait:', wait: { client: wait.client, replicas: 1, timeout: 2_000 } };
  const { sessions } = node.storeWith(options);
  const created = Array.from({ length: 32 }, () => newSession());
  await Promise.all(created.map((session) => sessions.create(session)));
  const outcomes = await Promise.all(
    created.map(({ sessionId }) => sessions.rotate(rotationInput(sessionId, 0))),
  );
  expect(outcomes.every(({ kind }) => kind === 'rotated')).toBe(true);
  const strict = node.storeWith({
    ...options,
    wait: { ...options.wait, replicas: 2, timeout: 50 },
  });
  await expect(strict.sessions.create(newSession())).rejects.toThrow(StoreUnavailableError);
  node.close();
  wait.close();
});
