import { newCallId } from '@pawl/core/store';
import { type RedisServer, startRedis } from '@pawl/servers';
import { newSession } from '@pawl/testkit';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createRedisStore, type RedisStore } from '../src/store.ts';

let server: RedisServer;
let client: Redis;
let subscriber: Redis;
let store: RedisStore;
const stops: (() => void)[] = [];

beforeAll(async () => {
  server = await startRedis();
  [client, subscriber] = [0, 1].map(() => {
    const connection = new Redis(server.port, { retryStrategy: () => 20 });
    connection.on('error', () => undefined);
    return connection;
  }) as [Redis, Redis];
  store = createRedisStore(client, { subscriber, heartbeat: 50 });
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(async () => {
  client.disconnect();
  subscriber.disconnect();
  await server.stop();
});

const listen = (): { states: boolean[]; ended: string[] } => {
  const heard = { states: [] as boolean[], ended: [] as string[] };
  const stop = store.sessions.subscribe?.({
    revoked: (sessionId) => heard.ended.push(sessionId),
    connected: (connected) => heard.states.push(connected),
  });
  if (stop) stops.push(stop);
  return heard;
};

const endOne = async (): Promise<string> => {
  const session = newSession();
  await store.sessions.create(session);
  await store.sessions.revoke({
    sessionId: session.sessionId,
    reason: 'logout',
    callId: newCallId(),
  });
  return session.sessionId;
};

it('has no feed without a subscriber', () => {
  expect('subscribe' in createRedisStore(client).sessions).toBe(false);
});

it('reports a disconnection when the server dies, and a connection when it returns', async () => {
  const heard = listen();
  await expect.poll(() => heard.states).toEqual([true]);
  await server.kill();
  await expect.poll(() => heard.states).toEqual([true, false]);
  await server.restart();
  await expect.poll(() => heard.states, { timeout: 5_000 }).toEqual([true, false, true]);
  const sessionId = await endOne();
  await expect.poll(() => heard.ended).toEqual([sessionId]);
});

it('reports a disconnection when an open connection delivers nothing', async () => {
  const heard = listen();
  await expect.poll(() => heard.states).toEqual([true]);
  server.pause();
  const paused = Date.now();
  await expect.poll(() => heard.states, { interval: 5 }).toEqual([true, false]);
  // Three heartbeats, and the time until the next check.
  expect(Date.now() - paused).toBeLessThan(1_000);
  server.resume();
  await expect.poll(() => heard.states).toEqual([true, false, true]);
  const sessionId = await endOne();
  await expect.poll(() => heard.ended).toEqual([sessionId]);
});

it('tells a later listener that the feed is connected', async () => {
  const first = listen();
  await expect.poll(() => first.states).toEqual([true]);
  const second = listen();
  expect(second.states).toEqual([true]);
  const sessionId = await endOne();
  await expect.poll(() => [first.ended, second.ended]).toEqual([[sessionId], [sessionId]]);
});

it('continues when a listener throws', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  stops.push(
    store.sessions.subscribe?.({
      revoked: () => {
        throw new Error('a bug in the application');
      },
      connected: () => undefined,
    }) ?? (() => undefined),
  );
  const heard = listen();
  await expect.poll(() => heard.states).toEqual([true]);
  const sessionId = await endOne();
  await expect.poll(() => heard.ended).toEqual([sessionId]);
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
});

it('unsubscribes when the last listener leaves, and subscribes again for a new one', async () => {
  await expect.poll(async () => (await client.pubsub('NUMSUB', 'pawl:revoked'))[1]).toBe(0);
  const heard = listen();
  await expect.poll(() => heard.states).toEqual([true]);
  expect((await client.pubsub('NUMSUB', 'pawl:revoked'))[1]).toBe(1);
});
