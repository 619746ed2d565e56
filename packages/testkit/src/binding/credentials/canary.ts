import { inspect } from 'node:util';
import { isError } from '@pawl/core/internal';
import type { BindingSuite } from '../harness/binding-suite.ts';
import type { Browser } from '../harness/browser.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { driverMessage } from '../harness/failing-store.ts';
import { secret } from '../harness/serve.ts';
import type { Service } from '../harness/service.ts';

/** Returns everything that a logger could print of a value. */
const printable = (value: unknown): string => {
  const seen = inspect(value, { depth: 12, showHidden: true, getters: true });
  let text = '';
  try {
    text = JSON.stringify(value) ?? '';
  } catch {
    // Not every value can be JSON.
  }
  const stack = isError(value) ? value.stack : '';
  return `${seen}\n${text}\n${String(value)}\n${stack}`;
};

/** Runs `work` and returns what it printed. */
const outputOf = async (work: () => Promise<void>): Promise<string> => {
  const output: string[] = [];
  const note = (...args: unknown[]): void => {
    output.push(args.map(printable).join(' '));
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

/** Sends every kind of good and bad request once, and returns the bodies and headers of the responses. */
const sendEverything = async (
  service: Service,
  browser: Browser,
  apiKey: string,
): Promise<string[]> => {
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

/** LG-01, RT-09: only its owner ever sees a secret. */
export const registerCanary = (suite: BindingSuite): void =>
  suite.group('canary', () => {
    suite.test(
      'LG-01: no token, cookie or key appears in a log, error, event, object or the store',
      async (t) => {
        const service = await t.serve();
        const { apiKeys, store, events, errors, auths, sessions } = service.internals;
        const { apiKey } = await apiKeys.create({ userId: 'robot', name: 'ci' });
        const secrets = new Set([secret, apiKey]);
        const browser = service.browser();
        // Every token that the service issues passes through the cookie jar.
        const jar = browser.jar.setCookie.bind(browser.jar);
        browser.jar.setCookie = ((...args: Parameters<typeof jar>) => {
          const value = /^[^=]*=([^;]+);/.exec(String(args[0]))?.[1];
          if (value) secrets.add(value);
          return jar(...args);
        }) as typeof browser.jar.setCookie;
        let bodies: string[] = [];
        const output = await outputOf(async () => {
          t.hasStatus(await browser.send('POST', '/login?user=ann'), 200);
          bodies = await sendEverything(service, browser, apiKey);
        });
        t.same(secrets.size, 8, 'the root secret, the API key and three pairs of tokens');
        t.same(errors.length > 10 && auths.length > 1 && events.length > 5, true);
        const objects = [...errors, ...auths, ...events, sessions, apiKeys];
        const everything = [
          ...objects.map(printable),
          output,
          ...bodies,
          ...store.receivedArguments,
        ].join('\n');
        t.same(everything.includes('ann'), true);
        // Bodies contain neither what was sent nor why the store failed.
        t.same(`${bodies.join('\n')}${output}`.includes(driverMessage), false);
        // A part of a token counts too: its secret is in the second half.
        const parts = [...secrets].filter((one) => one.length > 60).map((one) => one.slice(-40));
        for (const one of [...secrets, ...parts]) t.same(everything.includes(one), false);
        const reported = [
          ...errors.map(printable),
          ...events.map(printable),
          output,
          ...bodies,
        ].join('\n');
        t.same(reported.includes('CANARY'), false, /.{0,80}CANARY.{0,20}/.exec(reported)?.[0]);
      },
    );
  });
