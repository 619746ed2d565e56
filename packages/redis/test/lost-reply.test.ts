import {
  createSessions,
  generateSecret,
  type PawlEvent,
  ReuseDetectedError,
  StoreUnavailableError,
} from '@pawl/core';
import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { createRedisStore, type RedisStore } from '../src/store.ts';
import { startReplyLosingProxy } from './reply-losing-proxy.ts';

const proxy = await startReplyLosingProxy(inject('redis').standalone);
const clients: Redis[] = [];
afterAll(() => {
  for (const client of clients) client.disconnect();
  proxy.close();
});

const connect = (
  options: Pick<RedisOptions, 'maxRetriesPerRequest' | 'autoResendUnfulfilledCommands'>,
): Redis => {
  const client = new Redis(proxy.port, { retryStrategy: () => 10, ...options });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};

const secrets = [generateSecret()];

/**
 * A store whose server has already loaded the scripts; otherwise the lost reply would be the one
 * that reports a missing script.
 */
const openStore = async (
  options: Pick<RedisOptions, 'maxRetriesPerRequest' | 'autoResendUnfulfilledCommands'>,
): Promise<{ store: RedisStore; sessions: ReturnType<typeof createSessions> }> => {
  const store = createRedisStore(connect(options), { prefix: 'lost:' });
  const sessions = createSessions({ store, secrets });
  const { refreshToken, sessionId } = await sessions.create({ userId: 'user' });
  await sessions.refresh(refreshToken);
  await sessions.revoke(sessionId);
  return { store, sessions };
};

it('a retried refresh whose reply was lost returns the same successor', async () => {
  const { store, sessions } = await openStore({
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  });
  const { refreshToken, sessionId } = await sessions.create({ userId: 'user' });

  proxy.loseNextReply();
  const error = await sessions.refresh(refreshToken).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StoreUnavailableError);
  const committed = await store.sessions.find(sessionId);
  expect(committed?.record.generation).toBe(1);

  const first = await sessions.refresh(refreshToken);
  const second = await sessions.refresh(refreshToken);
  expect(second.refreshToken).toBe(first.refreshToken);
  expect(second.accessToken).toBe(first.accessToken);
  expect((await store.sessions.find(sessionId))?.record).toMatchObject({
    generation: 1,
    tokenHash: committed?.record.tokenHash,
    revokedAt: null,
  });
  expect((await sessions.verify(first.accessToken)).sessionId).toBe(sessionId);
});

it('a client that re-sends commands creates only one session per login', async () => {
  const client = connect({ maxRetriesPerRequest: 5 });
  const store = createRedisStore(client, { prefix: 'lost:' });
  const sessions = createSessions({ store, secrets });
  // Now the scripts are loaded, so the next login sends only one command.
  await sessions.create({ userId: 'once' });
  proxy.loseNextReply();
  const { refreshToken } = await sessions.create({ userId: 'twice' });
  expect(await sessions.list('twice')).toHaveLength(1);
  expect((await sessions.refresh(refreshToken)).outcome).toBe('rotated');
});

it('a client that re-sends commands rotates only once per refresh, and counts no replay', async () => {
  const { store, sessions } = await openStore({ maxRetriesPerRequest: 5 });
  const { refreshToken, sessionId } = await sessions.create({ userId: 'user' });
  proxy.loseNextReply();
  await sessions.refresh(refreshToken);
  expect((await store.sessions.find(sessionId))?.record).toMatchObject({
    generation: 1,
    replays: 0,
    revokedAt: null,
  });
});

it('a client that re-sends commands is told of the theft that its lost reply told of', async () => {
  const client = connect({ maxRetriesPerRequest: 5 });
  const store = createRedisStore(client, { prefix: 'lost:' });
  const seen: string[] = [];
  const onEvent = ({ type }: PawlEvent): void => void seen.push(type);
  const sessions = createSessions({ store, secrets, preset: 'strict', onEvent });
  const { refreshToken } = await sessions.create({ userId: 'user' });
  await sessions.refresh(refreshToken);
  proxy.loseNextReply();
  await expect(sessions.refresh(refreshToken)).rejects.toThrow(ReuseDetectedError);
  expect(seen).toContain('reuse.detected');
  expect(seen).toContain('session.revoked');
});

it('a client that re-sends commands is told that it has revoked the session', async () => {
  const { sessions } = await openStore({ maxRetriesPerRequest: 5 });
  const { sessionId } = await sessions.create({ userId: 'user' });
  proxy.loseNextReply();
  expect(await sessions.revoke(sessionId)).toBe('revoked');
});

it('a revocation whose reply was lost has taken effect, and can be repeated', async () => {
  const { sessions } = await openStore({
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  });
  const { sessionId } = await sessions.create({ userId: 'user' });
  proxy.loseNextReply();
  await expect(sessions.revoke(sessionId)).rejects.toThrow(StoreUnavailableError);
  expect(await sessions.revoke(sessionId)).toBe('already_revoked');
});
