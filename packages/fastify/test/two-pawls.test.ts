import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { createPawl } from '../src/index.ts';

const origin = 'http://localhost:8080';
const secrets = ['a root secret of quite enough random bytes: 0123456789'];

test('two Pawls in one application, for users and for staff', async () => {
  const users = createPawl({
    sessions: createSessions({ store: createMemoryStore(), secrets }),
    origin,
  });
  const staff = createPawl({
    sessions: createSessions({ store: createMemoryStore(), secrets }),
    origin,
    authPath: '/staff/auth',
    jwksPath: '/.well-known/staff.json',
    cookies: { name: 'staff' },
  });
  const app = fastify();
  await app.register(users.routes());
  await app.register(staff.routes());
  app.post(
    '/login',
    async (request, reply) => (await users.login(request, reply, { userId: 'ann' })).body,
  );
  app.get('/staff', { onRequest: staff.guard() }, async () => 'in');
  app.get('/mine', { onRequest: users.guard() }, async (request) => users.auth(request).userId);
  const login = await app.inject({ method: 'POST', url: '/login', headers: { origin } });
  const cookie = String(login.headers['set-cookie']).split(';')[0];
  expect((await app.inject({ url: '/mine', headers: { cookie } })).body).toBe('ann');
  expect((await app.inject({ url: '/staff', headers: { cookie } })).statusCode).toBe(401);
  for (const url of ['/.well-known/jwks.json', '/.well-known/staff.json', '/staff/auth/session']) {
    expect((await app.inject({ url })).statusCode).toBe(200);
  }
  await app.close();
});
