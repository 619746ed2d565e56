import { inspect } from 'node:util';
import type { BindingSuite } from '../harness/binding-suite.ts';
import type { Browser } from '../harness/browser.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { driverMessage } from '../harness/failing-store.ts';
import { secret } from '../harness/serve.ts';
import type { Service } from '../harness/service.ts';

/** Everything an object shows of itself, to a logger or to a person. */
const shown = (value: unknown): string => {
  const seen = inspect(value, { depth: 12, showHidden: true, getters: true });
  let text = '';
  try {
    text = JSON.stringify(value) ?? '';
  } catch {
    // Not everything is JSON.
  }
  const stack = value instanceof Error ? value.stack : '';
  return `${seen}\n${text}\n${String(value)}\n${stack}`;
};

/** Runs something, and answers what it printed. */
const printed = async (work: () => Promise<void>): Promise<string> => {
  const output: string[] = [];
  const note = (...args: unknown[]): void => {
    output.push(args.map(shown).join(' '));
  };
  const { log, info, warn, error, debug } = console;
  const restored = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream);
    stream.write = ((...args: Parameters<typeof write>) => {
      output.push(String(args[0]));
      return write(...args);
    }) as typeof write;
    return () => Object.assign(stream, { write });
  });
  Object.assign(console, { log: note, info: note, warn: note, error: note, debug: note });
  try {
    await work();
  } finally {
    Object.assign(console, { log, info, warn, error, debug });
    for (const restore of restored) restore();
  }
  return output.join('\n');
};

/** Everything that can go well or wrong once, and what it answered. */
const story = async (service: Service, browser: Browser, apiKey: string): Promise<string[]> => {
  const bodies: string[] = [];
  const send = async (...args: Parameters<Browser['send']>): Promise<void> => {
    const { text, headers } = await browser.send(...args);
    bodies.push(text, JSON.stringify({ ...headers, 'set-cookie': [] }));
  };
  await send('GET', '/mine');
  await send('GET', '/mine', { authorization: `Bearer ${apiKey}` });
  await send('POST', '/mine', { origin: 'https://CANARY.example', 'sec-fetch-site': 'cross-site' });
  for (const authorization of ['Bearer CANARY', 'CANARY', 'DPoP CANARY']) {
    await send('GET', '/mine', { authorization, dpop: 'CANARY' });
  }
  await send('GET', '/mine', { cookie: 'access_token=CANARY; access_token=CANARY' });
  await send('POST', '/auth/refresh');
  await send('POST', '/auth/refresh', { cookie: 'refresh_token=CANARY' });
  await send('POST', '/auth/refresh', { ...jsonHeaders, cookie: '' }, '{"refresh_token":"CANARY"}');
  await send('POST', '/auth/refresh', { ...jsonHeaders, cookie: '' }, 'CANARY');
  await send(
    'POST',
    '/auth/refresh',
    { ...jsonHeaders, cookie: '' },
    '{"refresh_token":["CANARY"]}',
  );
  await send('GET', '/auth/sessions');
  await send('DELETE', '/auth/sessions/CANARY');
  await send('GET', '/auth/session');
  await send('POST', '/elevate');
  await send('GET', '/mine?CANARY');
  service.internals.store.down = true;
  for (const path of ['/mine', '/anyone', '/auth/session', '/lookup']) await send('GET', path);
  await send('POST', '/auth/refresh');
  service.internals.store.down = false;
  await send('POST', '/auth/logout');
  return bodies;
};

/** LG-01, RT-09: what is secret is shown to its owner, and to nobody else. */
export const registerCanary = (suite: BindingSuite): void =>
  suite.group('canary', () => {
    suite.test(
      'LG-01: no token, cookie or key in a log, an error, an event, an object or the store',
      async (t) => {
        const service = await t.serve();
        const { apiKeys, store, events, errors, auths, sessions } = service.internals;
        const { apiKey } = await apiKeys.create({ userId: 'robot', name: 'ci' });
        const secrets = new Set([secret, apiKey]);
        const browser = service.browser();
        // Every token that is ever handed out passes through the jar.
        const jar = browser.jar.setCookie.bind(browser.jar);
        browser.jar.setCookie = ((...args: Parameters<typeof jar>) => {
          const value = /^[^=]*=([^;]+);/.exec(String(args[0]))?.[1];
          if (value) secrets.add(value);
          return jar(...args);
        }) as typeof browser.jar.setCookie;
        let bodies: string[] = [];
        const output = await printed(async () => {
          t.hasStatus(await browser.send('POST', '/login?user=ann'), 200);
          bodies = await story(service, browser, apiKey);
        });
        t.same(secrets.size, 8, 'two of the service, and three pairs');
        t.same(errors.length > 10 && auths.length > 1 && events.length > 5, true);
        const objects = [...errors, ...auths, ...events, sessions, apiKeys];
        const everything = [
          ...objects.map(shown),
          output,
          ...bodies,
          ...store.receivedArguments,
        ].join('\n');
        t.same(everything.includes('ann'), true);
        // Bodies may repeat neither what was sent nor why the store failed.
        t.same(`${bodies.join('\n')}${output}`.includes(driverMessage), false);
        // A token's parts count too: its secret is in its second half.
        const parts = [...secrets].filter((one) => one.length > 60).map((one) => one.slice(-40));
        for (const one of [...secrets, ...parts]) t.same(everything.includes(one), false);
        const told = [...errors.map(shown), ...events.map(shown), output, ...bodies].join('\n');
        t.same(told.includes('CANARY'), false, /.{0,80}CANARY.{0,20}/.exec(told)?.[0]);
      },
    );
  });
