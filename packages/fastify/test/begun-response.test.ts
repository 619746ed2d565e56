import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { fastify } from 'fastify';
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
  const app = fastify();
  app.post<{ Params: { verb: string } }>('/:verb', async (request, reply) => {
    reply.raw.write('begun');
    const work =
      request.params.verb === 'login'
        ? pawl.login(request, reply, { userId: 'ann' })
        : pawl.elevate(request, reply, sessionId, { acr: 'mfa' });
    await work.catch((error: unknown) => errors.push(error));
    reply.hijack();
    reply.raw.end();
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });

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
  await app.close();
});
