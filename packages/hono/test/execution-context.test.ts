import { createSessions } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';
import { createMemoryStore } from '@pawl/memory';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { createPawl } from '../src/index.ts';

const origin = 'https://app.example.com';

/** A store whose guards leave the write of activity to a call of its own. */
const setUp = () => {
  const store = createMemoryStore();
  const touches: string[] = [];
  const sessions = new Proxy(store.sessions, {
    get: (target, verb: keyof SessionStore) => {
      if (verb === 'find') {
        return async (...args: Parameters<SessionStore['find']>) => {
          const found = await target.find(...args);
          return found && { ...found, touchDue: true };
        };
      }
      if (verb === 'touch') return async (id: string) => void touches.push(id);
      const value: unknown = Reflect.get(target, verb);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const core = createSessions({
    store: { sessions },
    secrets: ['a root secret of quite enough random bytes: 0123456789'],
  });
  const pawl = createPawl({ sessions: core, origin, onEvent: async () => {} });
  const app = new Hono();
  app.get('/me', pawl.guard(), (c) => c.text(c.var.auth.userId));
  app.post('/sign-up', async (c) => {
    await pawl.assertOrigin(c);
    return c.text('welcome');
  });
  app.onError(pawl.errorHandler());
  return { core, app, touches };
};

test('what outlives a request goes to its executionCtx, where there is one', async () => {
  const { core, app, touches } = setUp();
  const works: Promise<unknown>[] = [];
  const context = {
    waitUntil: (work: Promise<unknown>): void => void works.push(work),
    passThroughOnException: () => {},
    props: {},
  };
  const { accessToken, refreshToken, sessionId } = await core.create({ userId: 'ann' });
  const bearer = { headers: { authorization: `Bearer ${accessToken}` } };
  const cookie = { headers: { cookie: `__Host-session=${refreshToken}` } };
  for (const request of [bearer, cookie]) {
    const response = await app.request('/me', request, {}, context);
    expect(await response.text()).toBe('ann');
  }
  expect(works).toHaveLength(2);
  await Promise.all(works);
  expect(touches).toStrictEqual([sessionId, sessionId]);

  const foreign = { method: 'POST', headers: { origin: 'https://evil.example' } };
  expect((await app.request('/sign-up', foreign, {}, context)).status).toBe(403);
  expect(works).toHaveLength(3);

  // On Node there is none.
  expect(await (await app.request('/me', bearer)).text()).toBe('ann');
  await core.drain();
  expect(touches).toHaveLength(3);
});
