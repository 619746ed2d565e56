import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import express from 'express';
import { expect, test } from 'vitest';
import { createPawl } from '../src/index.ts';

test('a response that has begun carries no cookie, so nothing is stored for it', async () => {
  const sessions = createSessions({
    store: createMemoryStore(),
    secrets: ['a root secret of quite enough random bytes: 0123456789'],
    limit: { max: 1, policy: 'refuse' },
  });
  const origin = 'http://localhost:8080';
  const pawl = createPawl({ sessions, origin });
  const { sessionId, refreshToken } = await sessions.create({ userId: 'bob' });
  const errors: unknown[] = [];
  const app = express().set('env', 'test');
  app.post('/:verb', (req, res) => {
    res.write('begun');
    const work =
      req.params.verb === 'login'
        ? pawl.login(req, res, { userId: 'ann' })
        : pawl.elevate(req, res, sessionId, { acr: 'mfa' });
    work.then(
      () => res.end('done'),
      (error: unknown) => {
        errors.push(error);
        res.end();
      },
    );
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  for (const verb of ['login', 'elevate']) {
    const response = await fetch(`${url}/${verb}`, { method: 'POST', headers: { origin } });
    expect([response.status, await response.text()]).toEqual([200, 'begun']);
  }
  expect(errors.map(String)).toEqual([
    expect.stringContaining('has begun already'),
    expect.stringContaining('has begun already'),
  ]);
  // Nobody is locked out, and no token was replaced.
  expect(await sessions.list('ann')).toEqual([]);
  expect((await sessions.refresh(refreshToken)).sessionId).toBe(sessionId);
  server.close();
});
