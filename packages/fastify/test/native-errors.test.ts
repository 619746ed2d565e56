import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { createPawl } from '../src/index.ts';

test('Fastify’s own error handler sends the status, headers and cookies of a refusal', async () => {
  const store = createMemoryStore();
  const sessions = createSessions({
    store,
    secrets: ['a root secret of quite enough random bytes: 0123456789'],
  });
  const origin = 'http://localhost:8080';
  const pawl = createPawl({ sessions, origin });
  const app = fastify();
  await app.register(pawl.routes());
  app.get('/mine', { onRequest: pawl.guard() }, async (request) => pawl.auth(request).userId);
  app.get('/forgotten', async (request) => pawl.auth(request).userId);

  const refused = await app.inject('/mine');
  expect(refused.statusCode).toBe(401);
  expect(refused.headers).toMatchObject({
    'www-authenticate': 'Bearer',
    'cache-control': 'no-store',
  });
  expect(refused.json()).toEqual({
    statusCode: 401,
    code: 'no_session',
    error: 'Unauthorized',
    message: 'authentication is required',
  });
  expect((await app.inject('/forgotten')).statusCode).toBe(500);

  const { accessToken } = await sessions.create({ userId: 'ann' });
  store.sessions.revoke = async () => {
    throw new Error('connect ECONNREFUSED');
  };
  const failed = await app.inject({
    method: 'POST',
    url: '/auth/logout',
    headers: { cookie: `access_token=${accessToken}`, origin },
  });
  expect(failed.statusCode).toBe(503);
  expect([failed.headers['set-cookie']].flat()).toHaveLength(1);
  expect(failed.body).not.toContain('ECONNREFUSED');
  await app.close();
});
