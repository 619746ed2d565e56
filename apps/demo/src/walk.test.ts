import { createMemoryStore } from '@pawl/memory';
import { CookieJar } from 'tough-cookie';
import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { createLog } from './log.ts';
import { startDemo } from './server.ts';

const origin = 'http://localhost:8080';
const config: Config = {
  port: 0,
  origin,
  corsOrigin: 'http://localhost:3000',
  secret: 'a root secret of quite enough random bytes: 0123456789',
  preset: 'default',
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { readonly length?: number };
}

const start = async (own: Partial<Config> = {}) => {
  let ahead = 0;
  const clock = (): number => Date.now() + ahead;
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const store = createMemoryStore({ clock });
  const demo = await startDemo({ ...config, ...own }, store, log, clock);
  const send: Send = async (method, path, body, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${demo.port}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as Answer['body'];
    return { status: response.status, headers: response.headers, body: parsed };
  };
  return {
    demo,
    lines,
    store,
    send,
    browser: () => pageOf(send, new CookieJar()),
    wait: (ms: number) => {
      ahead += ms;
    },
    [Symbol.asyncDispose]: () => demo.stop(),
  };
};

type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

interface Page {
  readonly jar: CookieJar;
  /** Another browser with the same cookies: a thief's, or a second tab's. */
  readonly copy: () => Promise<Page>;
  readonly cookie: (name: string) => Promise<string | undefined>;
  readonly send: (method: string, path: string, body?: unknown) => Promise<Answer>;
}

/** A browser on the demo's own page. */
const pageOf = (send: Send, jar: CookieJar): Page => ({
  jar,
  copy: async () => pageOf(send, await jar.clone()),
  cookie: async (name) =>
    (await jar.getCookies(`${origin}/refresh`)).find(({ key }) => key === name)?.value,
  send: async (method, path, body) => {
    const cookie = await jar.getCookieString(`${origin}${path}`);
    const answer = await send(method, path, body, { origin, ...(cookie && { cookie }) });
    for (const one of answer.headers.getSetCookie()) await jar.setCookie(one, `${origin}${path}`);
    return answer;
  },
});

const ann = { username: 'ann', password: 'correct horse battery' };

test('E: the walk, from register to delete', async () => {
  await using service = await start();
  const [first, second] = [service.browser(), service.browser()];
  expect(await first.send('GET', '/health')).toMatchObject({ status: 200, body: { status: 'OK' } });
  expect(await first.send('POST', '/register', ann)).toMatchObject({
    status: 201,
    body: { user: { name: 'ann' } },
  });
  expect(await second.send('POST', '/register', { ...ann, username: 'ANN' })).toMatchObject({
    status: 409,
  });
  expect(await first.send('GET', '/content')).toMatchObject({
    status: 200,
    body: { message: expect.any(String), user: { name: 'ann' } },
  });
  expect(await first.send('POST', '/refresh')).toMatchObject({ status: 200 });
  expect((await first.send('GET', '/sessions')).body).toHaveLength(1);

  expect(await second.send('POST', '/login', ann)).toMatchObject({ status: 200 });
  const { body } = await first.send('GET', '/sessions');
  const others = (body as unknown as { id: string; current: boolean }[]).filter(
    ({ current }) => !current,
  );
  expect(await first.send('DELETE', `/sessions/${others[0]?.id}`)).toMatchObject({ status: 204 });
  expect(await second.send('GET', '/content')).toMatchObject({ status: 401 });

  await second.send('POST', '/login', ann);
  const renewed = { current_password: ann.password, new_password: 'stapled horse battery' };
  expect(await first.send('POST', '/change-password', renewed)).toMatchObject({ status: 200 });
  expect(await first.send('GET', '/content')).toMatchObject({ status: 200 });
  expect(await second.send('GET', '/content')).toMatchObject({ status: 401 });
  expect(await second.send('POST', '/refresh')).toMatchObject({ status: 401 });
  expect(await second.send('POST', '/login', ann)).toMatchObject({ status: 401 });

  expect(await first.send('DELETE', '/delete')).toMatchObject({ status: 200 });
  expect(await first.jar.getCookies(`${origin}/refresh`)).toEqual([]);
  const gone = { ...ann, password: renewed.new_password };
  expect(await first.send('POST', '/login', gone)).toMatchObject({ status: 401 });
});

test('E: logout is 200 and clears both cookies', async () => {
  await using service = await start();
  const page = service.browser();
  await page.send('POST', '/register', ann);
  expect(await page.send('POST', '/logout')).toMatchObject({ status: 200 });
  expect(await page.jar.getCookies(`${origin}/refresh`)).toEqual([]);
  expect(await page.send('POST', '/logout')).toMatchObject({ status: 200 });
});

test('strict: a consumed refresh token ends the session of thief and owner alike', async () => {
  await using service = await start({ preset: 'strict' });
  const owner = service.browser();
  await owner.send('POST', '/register', ann);
  const thief = await owner.copy();
  await owner.send('POST', '/refresh');
  expect(await owner.send('GET', '/content')).toMatchObject({ status: 200 });
  expect(await thief.send('POST', '/refresh')).toMatchObject({ status: 401 });
  expect(await owner.send('GET', '/content')).toMatchObject({ status: 401 });
  expect(await owner.send('POST', '/refresh')).toMatchObject({ status: 401 });
  expect(service.lines.join('')).toContain('"event":"reuse.detected"');
});

test('default: the same within the grace period is a lost reply, and changes nothing', async () => {
  await using service = await start();
  const owner = service.browser();
  await owner.send('POST', '/register', ann);
  const straggler = await owner.copy();
  await owner.send('POST', '/refresh');
  expect(await straggler.send('POST', '/refresh')).toMatchObject({ status: 200 });
  expect(await straggler.cookie('refresh_token')).toBe(await owner.cookie('refresh_token'));
});

test('E.4: change-password wants the current password, unless the login is fresh', async () => {
  await using service = await start();
  const page = service.browser();
  await page.send('POST', '/register', ann);
  const change = (body: object) => page.send('POST', '/change-password', body);
  expect(await change({ new_password: 'another horse' })).toMatchObject({ status: 200 });
  const wrong = { current_password: ann.password, new_password: 'one more horse' };
  expect(await change(wrong)).toMatchObject({ status: 403 });
  service.wait(4 * 60_000);
  expect(await change({ new_password: 'another horse' })).toMatchObject({ status: 200 });
  // That was no login: nobody becomes fresh by being fresh.
  service.wait(60_000 + 2_000);
  const stale = await change({ new_password: 'one more horse' });
  expect(stale).toMatchObject({ status: 401, body: { error: 'step_up_required' } });
  expect(stale.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
  const right = { current_password: 'another horse', new_password: 'one more horse' };
  expect(await change(right)).toMatchObject({ status: 200 });
  // The current password was a login of its own.
  expect(await change({ new_password: 'the last horse' })).toMatchObject({ status: 200 });
});

test('a program gets its tokens in the body, and needs no origin', async () => {
  await using service = await start();
  const { send } = service;
  const registered = await send('POST', '/register', { ...ann, deliver: 'body' });
  expect(registered.status).toBe(201);
  expect(registered.headers.getSetCookie()).toEqual([]);
  const authorization = `Bearer ${String(registered.body['access_token'])}`;
  expect(await send('GET', '/content', undefined, { authorization })).toMatchObject({
    status: 200,
  });
  const refreshed = await send('POST', '/refresh', {
    refresh_token: registered.body['refresh_token'],
  });
  expect(refreshed).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
});

test('a refused origin registers nobody, and logs nobody in', async () => {
  await using service = await start();
  for (const headers of [{}, { origin: 'https://evil.example' }]) {
    expect(await service.send('POST', '/register', ann, headers)).toMatchObject({ status: 403 });
  }
  expect(await service.browser().send('POST', '/login', ann)).toMatchObject({ status: 401 });
});

test('E.3: CORS for one configured origin, with credentials', async () => {
  await using service = await start();
  const from = (site: string) =>
    service.send('OPTIONS', '/content', undefined, {
      origin: site,
      'access-control-request-method': 'POST',
    });
  const allowed = await from('http://localhost:3000');
  expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
  expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
  const other = await from('https://evil.example');
  expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
  // A front end reads its refusals too.
  const refused = await service.send('GET', '/content', undefined, {
    origin: 'http://localhost:3000',
  });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
});

test('what is no body is 400, 413 or 415, and is not repeated', async () => {
  await using service = await start();
  const { send } = service;
  for (const body of [
    null,
    [],
    {},
    { username: 'ann' },
    { ...ann, password: 'CANARY' },
    { ...ann, username: ' ' },
  ]) {
    const answer = await send('POST', '/register', body, { origin });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(JSON.stringify(answer.body)).not.toContain('CANARY');
  }
  const text = { origin, 'content-type': 'text/plain' };
  expect(await send('POST', '/login', ann, text)).toMatchObject({ status: 415 });
  const long = { ...ann, username: 'x'.repeat(20_000) };
  expect(await send('POST', '/login', long, { origin })).toMatchObject({ status: 413 });
  expect(await send('GET', '/nowhere')).toMatchObject({
    status: 404,
    body: { error: 'not_found' },
  });
});

test('B.10, SE-07: structured lines, a session by its ref, and no secret', async () => {
  const service = await start();
  const page = service.browser();
  await page.send('POST', '/register', ann);
  const secrets = [ann.password, config.secret];
  const remember = async (): Promise<void> => {
    for (const name of ['access_token', 'refresh_token'])
      secrets.push((await page.cookie(name)) ?? '');
  };
  await remember();
  await page.send('POST', '/refresh');
  await remember();
  const { body } = await page.send('GET', '/sessions');
  const { id } = (body as unknown as { id: string }[])[0] ?? { id: '' };
  secrets.push(id);
  await page.send('GET', '/content');
  await page.send('POST', '/login', { ...ann, password: 'CANARY' });
  await page.send('DELETE', `/sessions/${id}`);
  secrets.push('CANARY');
  await service.demo.stop();
  const lines = service.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.some(({ event }) => event === 'session.created')).toBe(true);
  expect(lines.some(({ route }) => route === '/sessions/:id')).toBe(true);
  expect(lines.filter(({ sessionRef }) => sessionRef !== undefined).length).toBeGreaterThan(2);
  for (const secret of secrets) {
    expect(secret).not.toBe('');
    expect(service.lines.join('')).not.toContain(secret);
  }
});

test('a store that fails is 503, and the password stays', async () => {
  await using service = await start();
  const page = service.browser();
  await page.send('POST', '/register', ann);
  const { sessions } = service.store;
  const revokeAll = sessions.revokeAll.bind(sessions);
  sessions.revokeAll = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const change = { current_password: ann.password, new_password: 'another horse' };
  expect(await page.send('POST', '/change-password', change)).toMatchObject({
    status: 503,
    body: { error: 'unavailable' },
  });
  expect(await page.send('DELETE', '/delete')).toMatchObject({ status: 503 });
  sessions.revokeAll = revokeAll;
  expect(await service.browser().send('POST', '/login', ann)).toMatchObject({ status: 200 });
});

test('it stops: what was asked is answered, nothing new is taken', async () => {
  const service = await start();
  const asked = service.browser().send('POST', '/register', ann);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const stopped = service.demo.stop();
  expect(await asked).toMatchObject({ status: 201 });
  await stopped;
  await expect(service.send('GET', '/health')).rejects.toThrow('fetch failed');
});
