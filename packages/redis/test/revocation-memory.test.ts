import type { SessionStore } from '@pawl/core/store';
import { type RedisServer, startRedis, startRedisCluster } from '@pawl/servers';
import { newSession, newUserId, rotationInput, strictPolicy } from '@pawl/testkit';
import { Cluster, Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { type Client, openNode } from './nodes.ts';

const serving = async <S extends { stop(): Promise<unknown> }>(
  starting: Promise<S>,
): Promise<S> => {
  const server = await starting;
  onTestFinished(async () => void (await server.stop()));
  return server;
};

const storeOn = (connect: () => Client, revocationMemory?: number): SessionStore => {
  const node = openNode(connect);
  onTestFinished(() => node.close());
  return node.storeWith(revocationMemory === undefined ? {} : { revocationMemory }).sessions;
};

const clientOf =
  ({ port }: RedisServer) =>
  (): Redis =>
    new Redis(port, { maxRetriesPerRequest: 1, retryStrategy: () => 50 }).on('error', () => {});

const created = async (sessions: SessionStore, userId = newUserId()): Promise<string> => {
  const session = newSession({ userId });
  await sessions.create(session);
  return session.sessionId;
};

/** Undoes what a server has been told since its last `SAVE`, as a power cut does. */
const cutPower = async (server: RedisServer): Promise<void> => {
  await server.kill();
  await server.restart();
};

const reasonOf = async (sessions: SessionStore, sessionId: string): Promise<unknown> => {
  const found = await sessions.find(sessionId).catch(() => undefined);
  return found?.record.revokedReason ?? found;
};

it('a server that forgot its last revocations is told them again, however they came about', async () => {
  const server = await serving(startRedis());
  const sessions = storeOn(clientOf(server));
  const [user, other] = [newUserId(), newUserId()];
  const ids = {
    logout: await created(sessions),
    evicted: await created(sessions, user),
    reset: await created(sessions, other),
    reuse_detected: await created(sessions),
    live: await created(sessions),
  };
  await sessions.rotate({ ...rotationInput(ids.reuse_detected, 0), policy: strictPolicy });
  await server.command('SAVE');
  await sessions.revoke(ids.logout, 'logout');
  await sessions.create(newSession({ userId: user }), { max: 1, policy: 'evict_oldest' });
  await sessions.revokeAll(other, 'reset');
  await sessions.rotate({ ...rotationInput(ids.reuse_detected, 0), policy: strictPolicy });

  await cutPower(server);
  for (const reason of ['logout', 'evicted', 'reset', 'reuse_detected'] as const) {
    await expect.poll(() => reasonOf(sessions, ids[reason])).toBe(reason);
  }
  expect((await sessions.find(ids.live))?.record.revokedAt).toBeNull();
});

it('without that memory a power cut undoes a logout', async () => {
  const server = await serving(startRedis());
  const sessions = storeOn(clientOf(server), 0);
  const sessionId = await created(sessions);
  await server.command('SAVE');
  await sessions.revoke(sessionId, 'logout');
  await cutPower(server);
  await expect.poll(() => reasonOf(sessions, sessionId)).toMatchObject({ now: expect.any(Number) });
  expect(await reasonOf(sessions, sessionId)).not.toBe('logout');
});

it('what was revoked before its time is not told again, nor is what never was', async () => {
  const server = await serving(startRedis());
  const sessions = storeOn(clientOf(server), 1);
  const [older, missing] = [await created(sessions), newSession().sessionId];
  await server.command('SAVE');
  await sessions.revoke(older, 'logout');
  await new Promise((wake) => setTimeout(wake, 20));
  expect(await sessions.revoke(missing, 'logout')).toBe('missing');
  const newer = await created(sessions);
  await sessions.revoke(newer, 'logout');
  await cutPower(server);
  await expect.poll(() => reasonOf(sessions, older)).toMatchObject({ now: expect.any(Number) });
});

it('a node of a Cluster is told again too', { timeout: 60_000 }, async () => {
  const cluster = await serving(startRedisCluster());
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  const sessions = storeOn(() =>
    new Cluster(nodes, { redisOptions: { maxRetriesPerRequest: 1 } }).on('error', () => {}),
  );
  const ids = [];
  for (let i = 0; i < 12; i++) ids.push(await created(sessions));
  for (const master of cluster.masters) await master.command('SAVE');
  for (const id of ids) await sessions.revoke(id, 'logout');
  for (const master of cluster.masters) await cutPower(master);
  for (const id of ids) {
    await expect.poll(() => reasonOf(sessions, id), { timeout: 20_000 }).toBe('logout');
  }
});
