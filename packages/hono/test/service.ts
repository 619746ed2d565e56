import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  request,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createSessions, type PawlEvent, type Sessions } from '@pawl/core';
import { createApiKeys } from '@pawl/core/api-keys';
import type { SessionStore } from '@pawl/core/store';
import type { HttpEvent, HttpOptions } from '@pawl/http';
import { createMemoryStore } from '@pawl/memory';
import { Hono } from 'hono';
import { CookieJar } from 'tough-cookie';
import { createPawl, type HonoPawl } from '../src/index.ts';

export type Claims = { admin?: boolean };
export type Data = Record<string, unknown>;

const origin = 'http://localhost:8080';
const secret = 'a root secret of quite enough random bytes: 0123456789';

/** A response, as it came over the socket. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Setting {
  readonly pawl: HonoPawl<Claims, Data>;
  readonly sessions: Sessions<Claims, Data>;
  readonly apiKey: string;
  readonly app: Hono;
  readonly events: (HttpEvent | PawlEvent)[];
  /** Whether the store fails. */
  readonly store: { down: boolean };
}

/** Sessions in memory behind a Hono application with a login route only. */
export const setUp = async (options: Partial<HttpOptions<Claims, Data>> = {}): Promise<Setting> => {
  const memory = createMemoryStore();
  const store = { down: false };
  const events: (HttpEvent | PawlEvent)[] = [];
  const sessions = createSessions<Claims, Data>({
    store: { sessions: failing(memory.sessions, store) },
    secrets: [secret],
    onEvent: (event) => events.push(event),
  });
  const apiKeys = createApiKeys<Claims>({ store: memory, secrets: [secret] });
  const { apiKey } = await apiKeys.create({ userId: 'robot', name: 'ci' });
  const pawl = createPawl<Claims, Data>({
    sessions,
    apiKeys,
    origin,
    cookies: { mode: 'pair' },
    onEvent: (event) => events.push(event),
    ...options,
  });
  const app = new Hono();
  app.post('/login', async (c) => {
    const { body } = await pawl.login(c, { userId: c.req.query('user') ?? 'ann' });
    return c.json({ user: c.req.query('user'), ...body });
  });
  return { pawl, sessions, apiKey, app, events, store };
};

const failing = (store: SessionStore, state: { readonly down: boolean }): SessionStore =>
  new Proxy(store, {
    get: (target, verb) => {
      const real: unknown = Reflect.get(target, verb);
      if (typeof real !== 'function') return real;
      return async (...args: unknown[]): Promise<unknown> => {
        if (state.down) throw new Error('connect ECONNREFUSED 10.0.0.5:6379');
        return Reflect.apply(real, target, args) as unknown;
      };
    },
  });

/** A server of an application, until it is disposed of. */
export interface Listening extends AsyncDisposable {
  readonly url: string;
  readonly send: (
    method: string,
    path: string,
    headers?: OutgoingHttpHeaders | readonly string[],
    body?: string,
  ) => Promise<Answer>;
  /** Creates a browser, which keeps cookies as the standard says and sends its origin. */
  readonly browser: () => Browser;
}

export interface Browser {
  readonly jar: CookieJar;
  readonly send: (
    method: string,
    path: string,
    headers?: OutgoingHttpHeaders,
    body?: string,
  ) => Promise<Answer>;
  /** The value of a cookie that the browser would send to the refresh route. */
  readonly cookie: (name: string) => Promise<string | undefined>;
}

export const listen = async (app: Hono): Promise<Listening> => {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const send: Listening['send'] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const sent = request(
        { port, host: '127.0.0.1', method, path, headers, setHost: !Array.isArray(headers) },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    url: `http://127.0.0.1:${port}`,
    send,
    browser: () => browser(send),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const browser = (send: Listening['send']): Browser => {
  const jar = new CookieJar();
  return {
    jar,
    send: async (method, path, headers = {}, body) => {
      const cookie = await jar.getCookieString(`${origin}${path}`);
      const answer = await send(
        method,
        path,
        { origin, 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }), ...headers },
        body,
      );
      for (const one of answer.headers['set-cookie'] ?? []) {
        await jar.setCookie(one, `${origin}${path}`);
      }
      return answer;
    },
    cookie: async (name) =>
      (await jar.getCookies(`${origin}/auth/refresh`)).find(({ key }) => key === name)?.value,
  };
};
