import { newCallId, type SessionStore } from '@pawl/core/store';
import { type RedisServer, startRedis, startRedisCluster } from '@pawl/servers';
import { newSession, newUserId, replayInput, rotationInput, strictPolicy } from '@pawl/testkit';
import { Cluster, Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { type Client, openNode } from './nodes.ts';

/** Stops the server when the test is finished. */
const whileTesting = async <S extends { stop(): Promise<unknown> }>(
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

const createOne = async (sessions: SessionStore, userId = newUserId()): Promise<string> => {
  const session = newSession({ userId });
  await sessions.create(session);
  return session.sessionId;
};

/** Undoes every write since the last `SAVE`, as a power cut does. */
const cutPower = async (server: RedisServer): Promise<void> => {
  await server.kill();
  await server.restart();
};

const reasonOf = async (sessions: SessionStore, sessionId: string): Promise<unknown> => {
  const found = await sessions.find(sessionId).catch(() => undefined);
  return found?.record.revokedReason ?? found;
};

it('repeats revocations of every kind on a server that has lost them', async () => {
  const server = await whileTesting(startRedis());
  const sessions = storeOn(clientOf(server));
  const [user, other] = [newUserId(), newUserId()];
  const ids = {
    logout: await createOne(sessions),
    evicted: await createOne(sessions, user),
    reset: await createOne(sessions, other),
    reuse_detected: await createOne(sessions),
    live: await createOne(sessions),
  };
  await sessions.rotate({ ...rotationInput(ids.reuse_detected, 0), policy: strictPolicy });
  await server.command('SAVE');
  await sessions.revoke({ sessionId: ids.logout, reason: 'logout', callId: newCallId() });
  await sessions.create(newSession({ userId: user }), { max: 1, policy: 'evict_oldest' });
  await sessions.revokeAll({ userId: other, reason: 'reset', callId: newCallId() });
  const stolen = replayInput(ids.reuse_detected, 0, { policy: strictPolicy });
  await sessions.rotate(stolen);

  await cutPower(server);
  for (const reason of ['logout', 'evicted', 'reset', 'reuse_detected'] as const) {
    await expect.poll(() => reasonOf(sessions, ids[reason])).toBe(reason);
  }
  expect((await sessions.find(ids.live))?.record.revokedAt).toBeNull();
  // The call that noticed the theft is still known as that.
  expect(await sessions.rotate(stolen)).toMatchObject({ kind: 'reuse_detected' });
});

it('without the revocation memory, a power cut undoes a logout', async () => {
  const server = await whileTesting(startRedis());
  const sessions = storeOn(clientOf(server), 0);
  const sessionId = await createOne(sessions);
  await server.command('SAVE');
  await sessions.revoke({ sessionId, reason: 'logout', callId: newCallId() });
  await cutPower(server);
  await expect.poll(() => reasonOf(sessions, sessionId)).toMatchObject({ now: expect.any(Number) });
  expect(await reasonOf(sessions, sessionId)).not.toBe('logout');
});

it('does not repeat a revocation that is too old, or one of a missing session', async () => {
  const server = await whileTesting(startRedis());
  const sessions = storeOn(clientOf(server), 1);
  const [older, missing] = [await createOne(sessions), newSession().sessionId];
  await server.command('SAVE');
  await sessions.revoke({ sessionId: older, reason: 'logout', callId: newCallId() });
  await new Promise((wake) => setTimeout(wake, 20));
  expect(await sessions.revoke({ sessionId: missing, reason: 'logout', callId: newCallId() })).toBe(
    'missing',
  );
  const newer = await createOne(sessions);
  await sessions.revoke({ sessionId: newer, reason: 'logout', callId: newCallId() });
  await cutPower(server);
  await expect.poll(() => reasonOf(sessions, older)).toMatchObject({ now: expect.any(Number) });
});

it('repeats revocations on the nodes of a Cluster', { timeout: 60_000 }, async () => {
  const cluster = await whileTesting(startRedisCluster());
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  const sessions = storeOn(() =>
    new Cluster(nodes, { redisOptions: { maxRetriesPerRequest: 1 } }).on('error', () => {}),
  );
  const ids = [];
  for (let i = 0; i < 12; i++) ids.push(await createOne(sessions));
  for (const master of cluster.masters) await master.command('SAVE');
  for (const id of ids)
    await sessions.revoke({ sessionId: id, reason: 'logout', callId: newCallId() });
  for (const master of cluster.masters) await cutPower(master);
  for (const id of ids) {
    await expect.poll(() => reasonOf(sessions, id), { timeout: 20_000 }).toBe('logout');
  }
});
