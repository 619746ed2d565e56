import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import express from 'express';
import { expect, test } from 'vitest';
import { createPawl } from '../src/index.ts';

test('Express’s own error handler sends the status, headers and cookies of a refusal', async () => {
  const store = createMemoryStore();
  const sessions = createSessions({
    store,
    secrets: ['a root secret of quite enough random bytes: 0123456789'],
  });
  const origin = 'http://localhost:8080';
  const pawl = createPawl({ sessions, origin });
  const app = express().set('env', 'test');
  app.get('/mine', pawl.guard(), (req, res) => res.send(pawl.auth(req).userId));
  app.get('/forgotten', (req, res) => res.send(pawl.auth(req).userId));
  app.use(pawl.routes());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const refused = await fetch(`${url}/mine`);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  expect(refused.headers.get('cache-control')).toBe('no-store');
  expect((await fetch(`${url}/forgotten`)).status).toBe(500);

  const { accessToken } = await sessions.create({ userId: 'ann' });
  store.sessions.revoke = async () => {
    throw new Error('connect ECONNREFUSED');
  };
  const cookie = `access_token=${accessToken}`;
  const failed = await fetch(`${url}/auth/logout`, { method: 'POST', headers: { cookie, origin } });
  expect(failed.status).toBe(503);
  expect(failed.headers.get('retry-after')).toBe('1');
  expect(failed.headers.getSetCookie()).toHaveLength(1);
  expect(await failed.text()).not.toContain('ECONNREFUSED');
  server.close();
});
