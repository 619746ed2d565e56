import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { newCallId } from '@pawl/core/store';
import { type RedisServer, startRedis } from '@pawl/servers';
import { newSession, rotationInput } from '@pawl/testkit';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { createRedisStore } from '../src/store.ts';

/** One address in front of two servers. Connections that exist stay where they are. */
const startAddress = async (
  first: RedisServer,
): Promise<{ port: number; moveTo: (server: RedisServer) => void }> => {
  let target = first.port;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.pipe(server).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return {
    port: (proxy.address() as AddressInfo).port,
    moveTo: ({ port }) => {
      target = port;
    },
  };
};

const startPair = async (): Promise<[RedisServer, RedisServer]> => {
  const [master, replica] = await Promise.all([startRedis(), startRedis()]);
  onTestFinished(async () => {
    await Promise.all([master.stop(), replica.stop()]);
  });
  await replica.command('REPLICAOF', '127.0.0.1', master.port);
  await expect
    .poll(() => replica.text('INFO', 'replication'), { timeout: 20_000 })
    .toContain('master_link_status:up');
  return [master, replica];
};

const swapRoles = async (master: RedisServer, replica: RedisServer): Promise<void> => {
  await replica.command('REPLICAOF', 'NO', 'ONE');
  await master.command('REPLICAOF', '127.0.0.1', replica.port);
};

const connectTo = (port: number): Redis => {
  const client = new Redis(port, { retryStrategy: () => 20 });
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return client;
};

it('a connection that leads to a server that has become a replica is left', async () => {
  const [master, replica] = await startPair();
  const address = await startAddress(master);
  const store = createRedisStore(connectTo(address.port));
  const session = newSession();
  await store.sessions.create(session);
  await expect
    .poll(async () => Number(await replica.command('DBSIZE')), { timeout: 20_000 })
    .toBeGreaterThan(0);
  await swapRoles(master, replica);
  address.moveTo(replica);
  // Each of them would be refused for ever.
  const outcomes = await Promise.all([
    store.sessions.rotate(rotationInput(session.sessionId, 0)),
    store.sessions.create(newSession()),
    store.singleUse.put('key', 'value', 1_000, newCallId()),
  ]);
  expect(outcomes).toMatchObject([{ kind: 'rotated' }, { kind: 'created' }, true]);
});

it('nothing is read from a server that has become a replica, the blocklist neither', async () => {
  const [master, replica] = await startPair();
  const address = await startAddress(master);
  const store = createRedisStore(connectTo(address.port));
  expect(await store.blocklist.isRevoked(['id'])).toBe(false);
  await swapRoles(master, replica);
  address.moveTo(replica);
  // The old master receives no writes any more.
  await master.command('REPLICAOF', '127.0.0.1', 1);
  const current = createRedisStore(connectTo(replica.port));
  await current.blocklist.revoke('id', Date.now() + 60_000);
  expect(await store.blocklist.isRevoked(['id'])).toBe(true);
});

it('while the address leads to a replica each call is unavailable, and it recovers', async () => {
  const [master, replica] = await startPair();
  const address = await startAddress(master);
  const store = createRedisStore(connectTo(address.port));
  await store.check();
  await swapRoles(master, replica);
  await expect(store.sessions.create(newSession())).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
  });
  address.moveTo(replica);
  await expect
    .poll(
      () =>
        store.sessions.create(newSession()).then(
          ({ kind }) => kind,
          () => 'failed',
        ),
      {
        timeout: 20_000,
      },
    )
    .toBe('created');
});
