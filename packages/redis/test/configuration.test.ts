import { ConfigurationError, StoreFullError, StoreUnavailableError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { type RedisServer, startRedis } from '@pawl/servers';
import { newSession, rotationInput } from '@pawl/testkit';
import { Cluster, Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from '../src/store.ts';
import { openNode } from './nodes.ts';

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.port, { maxRetriesPerRequest: 0, lazyConnect: true });
  await client.connect();
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});
afterEach(async () => {
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', 0);
  await server.command('FLUSHALL');
});

describe('a server that evicts', () => {
  it.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl'])('is refused with %s', async (policy) => {
    await server.command('CONFIG', 'SET', 'maxmemory-policy', policy);
    const store = createRedisStore(client);
    await expect(store.check()).rejects.toThrow(ConfigurationError);
    await expect(store.check()).rejects.toThrow(`maxmemory-policy is ${policy}`);
    await expect(store.sessions.create(newSession())).rejects.toThrow(ConfigurationError);
    await expect(store.singleUse.put('key', 'value', 1_000, newCallId())).rejects.toThrow(
      ConfigurationError,
    );
    expect(await client.dbsize()).toBe(0);
    // When the server has been corrected, the application need not be restarted.
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    expect(await store.singleUse.put('key', 'value', 1, newCallId())).toBe(true);
  });

  it('is accepted with dangerouslyAllowEviction', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const store = createRedisStore(client, { dangerouslyAllowEviction: true });
    expect((await store.sessions.create(newSession())).kind).toBe('created');
  });
});

describe('a server that is full', () => {
  it('refuses a new session, but rotates, touches and revokes', async () => {
    const { sessions } = createRedisStore(client);
    const session = newSession();
    const { sessionId } = session;
    await sessions.create(session);
    await server.command('CONFIG', 'SET', 'maxmemory', 1);
    await expect(sessions.create(newSession())).rejects.toThrow(StoreFullError);
    expect((await sessions.rotate(rotationInput(sessionId, 0))).kind).toBe('rotated');
    await sessions.touch(sessionId, 1);
    expect((await sessions.find(sessionId))?.record.confirmed).toBe(true);
    expect(await sessions.revoke({ sessionId, reason: 'logout', callId: newCallId() })).toBe(
      'revoked',
    );
  });
});

describe('a server that is down', () => {
  it('causes a StoreUnavailableError with a cause in every part of the store', async () => {
    const gone = await startRedis();
    const lost = new Redis(gone.port, { maxRetriesPerRequest: 0, retryStrategy: () => 50 });
    lost.on('error', () => undefined);
    const store = createRedisStore(lost);
    await store.check();
    await gone.kill();
    const calls = [
      store.sessions.find('id'),
      store.sessions.list('user'),
      store.blocklist.isRevoked(['id']),
      store.singleUse.take('key', newCallId()),
      store.apiKeys.find('id'),
      store.leases.acquire('name', 1_000, newCallId()),
      createRedisStore(lost).check(),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result.status).toBe('rejected');
      const error = (result as PromiseRejectedResult).reason as Error;
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error.cause).toBeInstanceOf(Error);
      expect(error.cause).not.toBeInstanceOf(StoreUnavailableError);
      // The driver's error carries the command with all its arguments.
      expect(Object.keys(error.cause as Error).filter((key) => key !== 'code')).toEqual([]);
    }
    lost.disconnect();
    await gone.stop();
  });
});

describe('options', () => {
  it.each([
    ['prefix', { prefix: 'a{b}' }],
    ['heartbeat', { heartbeat: 5 }],
    ['heartbeat', { heartbeat: Number.NaN }],
  ])('an invalid %s is refused by createRedisStore', (option, options) => {
    expect(() => createRedisStore(client, options)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION', option }),
    );
  });

  it('refuses a subscriber or a wait client that is the client itself', () => {
    expect(() => createRedisStore(client, { subscriber: client })).toThrow(ConfigurationError);
    const wait = { client, replicas: 1 };
    expect(() => createRedisStore(client, { wait })).toThrow(ConfigurationError);
    const other = client.duplicate({ lazyConnect: true });
    for (const wrong of [{ replicas: 0 }, { replicas: 1, timeout: 0 }]) {
      expect(() => createRedisStore(client, { wait: { client: other, ...wrong } })).toThrow(
        ConfigurationError,
      );
    }
  });

  it.each([
    ['of a Redis', new Redis({ keyPrefix: 'app:', lazyConnect: true })],
    ['of a Cluster', new Cluster([], { keyPrefix: 'app:', lazyConnect: true })],
    [
      'of the nodes of a Cluster',
      new Cluster([], { redisOptions: { keyPrefix: 'app:' }, lazyConnect: true }),
    ],
  ])('a keyPrefix %s is refused, because lists and limits would miss sessions', (_, prefixing) => {
    expect(() => createRedisStore(prefixing)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION', option: 'client' }),
    );
  });

  it.each([
    ['stringNumbers', new Redis({ stringNumbers: true, lazyConnect: true })],
    ['monitor', new Redis({ monitor: true, lazyConnect: true })],
    ['slave', new Redis({ sentinels: [{ port: 1 }], name: 'a', role: 'slave', lazyConnect: true })],
    ['scaleReads', new Cluster([], { scaleReads: 'slave', lazyConnect: true })],
    ['scaleReads', new Cluster([], { scaleReads: 'all', lazyConnect: true })],
    [
      'stringNumbers',
      new Cluster([], { redisOptions: { stringNumbers: true }, lazyConnect: true }),
    ],
  ])('a client with %s is refused', (problem, wrong) => {
    expect(() => createRedisStore(wrong)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIGURATION',
        option: 'client',
        message: expect.stringContaining(problem) as string,
      }),
    );
  });

  it('a client that converts replies is refused before it stores anything', async () => {
    const converting = client.duplicate();
    for (const convert of [
      (reply: unknown) => (reply === null ? undefined : reply),
      (reply: unknown) => (typeof reply === 'number' ? String(reply) : reply),
      () => undefined,
    ]) {
      const wrong = new Proxy(converting, {
        get: (target, name) => {
          const own = Reflect.get(target, name) as unknown;
          if (name !== 'evalshaBuffer' && name !== 'evalBuffer') return own;
          return async (...args: unknown[]) => {
            const reply = (await Reflect.apply(own as () => unknown, target, args)) as unknown;
            return Array.isArray(reply) ? reply.map(convert) : convert(reply);
          };
        },
      });
      const store = createRedisStore(wrong);
      await expect(store.sessions.create(newSession())).rejects.toMatchObject({
        code: 'ERR_CONFIGURATION',
        option: 'client',
      });
    }
    expect(await client.dbsize()).toBe(0);
    converting.disconnect();
  });

  it('an option that does not exist is refused, with the one that was meant', () => {
    const misspelt = { prefx: 'a:' } as object;
    expect(() => createRedisStore(client, misspelt)).toThrow('did you mean prefix?');
    const wait = { client: client.duplicate({ lazyConnect: true }), replica: 1, replicas: 1 };
    expect(() => createRedisStore(client, { wait })).toThrow('wait.replicas');
  });

  it('close() leaves nothing on the client, and many stores need one listener', async () => {
    const shared = client.duplicate();
    const subscriber = client.duplicate();
    const before = [shared, subscriber].map((each) => each.listenerCount('close'));
    const stores = Array.from({ length: 30 }, () => createRedisStore(shared, { subscriber }));
    expect(shared.listenerCount('close')).toBe((before[0] ?? 0) + 1);
    let connected = false;
    stores[0]?.sessions.subscribe?.({
      revoked: () => undefined,
      connected: (is) => {
        connected = is;
      },
    });
    await expect.poll(() => connected).toBe(true);
    for (const store of stores) await Promise.all([store.close(), store.close()]);
    expect(connected).toBe(false);
    const after = [shared, subscriber].map((each) => each.listenerCount('close'));
    expect(after).toEqual(before);
    expect(['messageBuffer', 'ready'].map((name) => subscriber.listenerCount(name))).toEqual([
      0, 0,
    ]);
    shared.disconnect();
    subscriber.disconnect();
  });

  it('works with auto-pipelining', async () => {
    const pipelining = client.duplicate({ enableAutoPipelining: true });
    const store = createRedisStore(pipelining);
    const session = newSession();
    await Promise.all([store.check(), store.sessions.create(session)]);
    expect(await store.sessions.find(session.sessionId)).not.toBeNull();
    expect(await store.singleUse.put('key', 'välue', 1_000, newCallId())).toBe(true);
    expect(await store.singleUse.put('key', 'other', 1_000, newCallId())).toBe(false);
    expect(await Promise.all([1, 2].map(() => store.singleUse.take('key', newCallId())))).toContain(
      'välue',
    );
    expect(await store.blocklist.isRevoked(['key', 'id'])).toBe(false);
    pipelining.disconnect();
  });

  it('refuses a missing client', () => {
    expect(() => createRedisStore(undefined as never)).toThrow(ConfigurationError);
  });
});

describe('prefixes', () => {
  it('separate stores on one server', async () => {
    const node = openNode('standalone');
    const [a, b] = [node.storeWith({ prefix: 'a:' }), node.storeWith({ prefix: 'b:' })];
    const session = newSession();
    await a.sessions.create(session);
    await a.blocklist.revoke('id', Date.now() + 1_000);
    await a.singleUse.put('key', 'value', 1_000, newCallId());
    await a.leases.acquire('name', 1_000, newCallId());
    expect(await b.sessions.find(session.sessionId)).toBeNull();
    expect((await b.sessions.list(session.userId)).records).toEqual([]);
    expect(
      await b.sessions.revokeAll({ userId: session.userId, reason: 'logout', callId: newCallId() }),
    ).toEqual({ revoked: [] });
    expect(await b.blocklist.isRevoked(['id'])).toBe(false);
    expect(await b.singleUse.take('key', newCallId())).toBeNull();
    expect(await b.leases.acquire('name', 1_000, newCallId())).not.toBeNull();
    expect((await a.sessions.list(session.userId)).records).toHaveLength(1);
    node.close();
  });
});
