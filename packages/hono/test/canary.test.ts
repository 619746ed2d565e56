import { inspect } from 'node:util';
import { HTTPException } from 'hono/http-exception';
import { afterEach, expect, test, vi } from 'vitest';
import { listen, secret, setUp } from './service.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Everything an object shows of itself, to a logger or to a person. */
const shown = (value: unknown): string => {
  const seen = inspect(value, { depth: 12, showHidden: true, getters: true });
  let json = '';
  try {
    json = JSON.stringify(value) ?? '';
  } catch {
    // Not everything is JSON.
  }
  return `${seen}\n${json}\n${String(value)}`;
};

test('LG-01: no token, cookie or key in a log, an error, an event or a public object', async () => {
  const { app, pawl, sessions, apiKey, events, store } = await setUp();
  const output: string[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => {
      output.push(args.map(shown).join(' '));
    });
  }
  const objects: unknown[] = [pawl, sessions, events];
  app.onError((error, c) => {
    objects.push(error, (error as HTTPException).cause, error.stack);
    return error instanceof HTTPException ? error.getResponse() : c.text('failed', 500);
  });
  app.all('/mine', pawl.guard(), (c) => {
    objects.push(c.var.auth);
    return c.text('in');
  });
  app.route('/', pawl.routes());
  await using server = await listen(app);

  const browser = server.browser();
  await browser.send('POST', '/login');
  const secrets = new Set([secret, apiKey, 'CANARY']);
  const remember = async (): Promise<void> => {
    for (const name of ['access_token', 'refresh_token']) {
      const value = await browser.cookie(name);
      if (value) secrets.add(value);
    }
  };
  await remember();
  const bodies: string[] = [];
  const send = async (...args: Parameters<typeof browser.send>): Promise<void> => {
    bodies.push((await browser.send(...args)).text);
    await remember();
  };
  const json = { 'content-type': 'application/json' };
  await send('GET', '/mine');
  await send('GET', '/mine', { authorization: `Bearer ${apiKey}` });
  await send('POST', '/mine', { origin: 'https://CANARY.example', 'sec-fetch-site': 'cross-site' });
  await send('GET', '/mine', { authorization: 'Bearer CANARY' });
  await send('GET', '/mine', { authorization: 'CANARY' });
  await send('GET', '/mine', { cookie: 'access_token=CANARY; access_token=CANARY' });
  await send('POST', '/auth/refresh');
  await send('POST', '/auth/refresh', { cookie: 'refresh_token=CANARY' });
  await send('POST', '/auth/refresh', { ...json, cookie: '' }, '{"refresh_token":"CANARY"}');
  await send('POST', '/auth/refresh', { ...json, cookie: '' }, 'CANARY');
  await send('GET', '/auth/sessions');
  await send('GET', '/auth/session');
  store.down = true;
  await send('GET', '/mine');
  await send('POST', '/auth/refresh');
  store.down = false;
  await send('POST', '/auth/logout');
  expect(secrets.size).toBeGreaterThan(6);
  expect(objects.length).toBeGreaterThan(15);

  const everything = [...objects.map(shown), ...output, ...bodies].join('\n');
  expect(everything).toContain('ann');
  // A token's parts count too: its secret is in its second half.
  const parts = [...secrets].filter((one) => one.length > 60).map((one) => one.slice(-40));
  for (const one of [...secrets, ...parts]) expect(everything).not.toContain(one);
});
