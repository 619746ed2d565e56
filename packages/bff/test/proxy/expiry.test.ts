import { once } from 'node:events';
import { createSessions } from '@pawl/core';
import { createHttp, type Guard } from '@pawl/http';
import { createMemoryStore } from '@pawl/memory';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { origin, type Setting, setUp } from './setting.ts';

const { waitFor } = vi;

/** Opens an event stream whose API writes for ever. Resolves when it ends: whether it was cut off. */
const openStream = async (
  setting: Setting,
  cookie: string,
): Promise<{ readonly ended: Promise<boolean> }> => {
  setting.upstream.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write('data: 1\n\n'), 20);
    response.on('close', () => clearInterval(timer));
  };
  const { statusCode, body } = await setting.send('/api', { headers: { cookie } });
  expect(statusCode).toBe(200);
  return {
    ended: body.text().then(
      () => false,
      () => true,
    ),
  };
};

const openSocket = async (setting: Setting, cookie: string): Promise<WebSocket> => {
  const socket = new WebSocket(`${setting.url.replace('http', 'ws')}/ws/echo`, {
    headers: { cookie, origin },
  });
  await once(socket, 'open');
  return socket;
};

const closeOf = async (socket: WebSocket): Promise<[number, string]> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return [code, String(reason)];
};

describe('what a token has opened ends with the token', () => {
  const withToken = (lifetime: number) =>
    setUp({
      timeout: Infinity,
      token: () => ({
        accessToken: 'a',
        tokenType: 'Bearer',
        expiresAt: Date.now() + lifetime,
      }),
    });

  test('a stream', async () => {
    await using setting = await withToken(1_200);
    const { cookie } = await setting.logIn();
    const { ended } = await openStream(setting, cookie);
    expect(await ended).toBe(true);
    expect(setting.events).toMatchObject([{ type: 'connection.ended', reason: 'token_expired' }]);
    await waitFor(() => expect(setting.underWay()).toBe(0));
  });

  test('a WebSocket, which may open again at once', async () => {
    await using setting = await withToken(300);
    const { cookie } = await setting.logIn();
    expect(await closeOf(await openSocket(setting, cookie))).toStrictEqual([1012, 'token_expired']);
    (await openSocket(setting, cookie)).terminate();
  });

  test('not a response of known length, which ends by itself', async () => {
    await using setting = await withToken(100);
    const { cookie } = await setting.logIn();
    setting.upstream.answer = async (_, response) => {
      response.writeHead(200, { 'content-length': 2 });
      response.write('a');
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      response.end('b');
    };
    const { body } = await setting.send('/api', { headers: { cookie } });
    expect(await body.text()).toBe('ab');
  });
});

test('what a session has opened ends when the session expires', async () => {
  await using setting = await setUp({
    timeout: Infinity,
    // As of a session that ends soon; the store has no feed for that.
    wrapGuard: (guard) => async (request, options) => {
      const outcome = await guard(request, options);
      if (outcome.kind !== 'authenticated' || !outcome.auth.session) return outcome;
      const session = { ...outcome.auth.session, absoluteExpiresAt: Date.now() + 1_100 };
      const { userId, sessionId } = outcome.auth;
      return {
        ...outcome,
        auth: { ...outcome.auth, userId, sessionId, session },
      } as typeof outcome;
    },
  });
  const { cookie } = await setting.logIn();
  const socket = await openSocket(setting, cookie);
  const closed = closeOf(socket);
  const { ended } = await openStream(setting, cookie);
  expect(await closed).toStrictEqual([4401, 'session_revoked']);
  expect(await ended).toBe(true);
});

describe('what a step-up has opened ends with the step-up', () => {
  test('a stream and a WebSocket', async () => {
    await using setting = await setUp({ timeout: Infinity, maxAuthAge: 1_500 });
    const { cookie } = await setting.logIn();
    const closed = closeOf(await openSocket(setting, cookie));
    const { ended } = await openStream(setting, cookie);
    expect(await closed).toStrictEqual([4401, 'step_up_required']);
    expect(await ended).toBe(true);
    expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(401);
  });

  test('a guard says until when its step-up lasts, and nothing without one', async () => {
    const store = createMemoryStore();
    const sessions = createSessions({
      store,
      secrets: ['a root secret of quite enough random bytes: 0123456789'],
    });
    const http = createHttp({ sessions, origin, missingOrigin: 'allow' });
    const authTime = Math.floor(Date.now() / 1_000) * 1_000;
    const { accessToken } = await sessions.create({ userId: 'ann', authTime });
    const ask = (guard: Guard<unknown, unknown>) =>
      guard({
        method: 'GET',
        path: '/',
        query: '',
        remoteAddress: undefined,
        header: (name) => (name === 'authorization' ? `Bearer ${accessToken}` : undefined),
        body: async () => null,
      });
    const validUntil = authTime + 60_000;
    expect(await ask(http.guard({ maxAuthAge: 60_000 }))).toMatchObject({ validUntil });
    expect(await ask(http.guard())).not.toHaveProperty('validUntil');
    await sessions.close();
  });
});
