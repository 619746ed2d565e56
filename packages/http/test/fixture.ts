import { createSessions, type PawlEvent, type Sessions, type SessionsOptions } from '@pawl/core';
import { type ApiKeys, createApiKeys } from '@pawl/core/api-keys';
import type { SessionStore } from '@pawl/core/store';
import type { HttpEvent } from '../src/events.ts';
import { createHttp, type Http } from '../src/http.ts';
import type { HttpOptions } from '../src/options.ts';
import type { HeaderValue, HttpRequest } from '../src/request.ts';
import type { HttpResponse } from '../src/response.ts';
import type { HttpRoute } from '../src/routes/route.ts';
import { createMemoryStore } from './memory-store.ts';

export type Claims = { admin?: boolean };
export type Data = Record<string, unknown>;

export const secret = 'a root secret of quite enough random bytes: 0123456789';
export const origin = 'http://localhost:8080';

/** A request as a binding would show it. Requests with cookies come from the service's own origin. */
export const request = (
  method: string,
  url: string,
  headers: Readonly<Record<string, HeaderValue>> = {},
  body = '',
): HttpRequest => {
  const [path = '', query = ''] = url.split('?');
  return {
    method,
    path,
    query,
    remoteAddress: '192.0.2.7',
    header: (name) => headers[name],
    body: async (limit) => {
      const bytes = new TextEncoder().encode(body);
      return bytes.length > limit ? null : bytes;
    },
  };
};

export const json = (value: unknown): [Record<string, string>, string] => [
  { 'content-type': 'application/json' },
  JSON.stringify(value),
];

/** The header that presents a token. */
export const bearer = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
});

interface FailingStore {
  readonly sessions: SessionStore;
  /** Whether every call fails, or the calls of one verb. */
  down: boolean | keyof SessionStore;
  calls: number;
  /** Runs before each call of the store. */
  before: ((verb: string | symbol) => Promise<void> | void) | undefined;
}

/** A store that fails on command, like a driver. */
const failingStore = (store: SessionStore): FailingStore => {
  const control: FailingStore = {
    down: false,
    calls: 0,
    before: undefined,
    sessions: new Proxy(store, {
      get: (target, verb) => {
        const real: unknown = Reflect.get(target, verb);
        if (typeof real !== 'function') return real;
        // Not a call, but a subscription that stays open.
        if (verb === 'subscribe') return (real as () => unknown).bind(target);
        return async (...args: unknown[]): Promise<unknown> => {
          control.calls += 1;
          if (control.down === true || control.down === verb) {
            throw new Error('connect ECONNREFUSED 10.0.0.5:6379');
          }
          await control.before?.(verb);
          return Reflect.apply(real, target, args) as unknown;
        };
      },
    }),
  };
  return control;
};

/** Sends a request to the route that is mounted for it. */
export type Send = (
  method: string,
  url: string,
  headers?: Record<string, HeaderValue>,
  body?: string,
) => Promise<HttpResponse>;

/** Finds a route as a framework would. */
export const routed =
  (routes: readonly HttpRoute[]): Send =>
  (method, url, headers, body) => {
    const sent = request(method, url, headers, body);
    for (const route of routes) {
      const form = new RegExp(`^${route.path.replaceAll('.', '\\.').replace(':id', '([^/]*)')}$`);
      const match = form.exec(sent.path);
      if (route.method === method && match) return route.handle(sent, { id: match[1] ?? '' });
    }
    throw new Error(`no route ${method} ${url}`);
  };

export interface Setting {
  readonly http: Http<Claims, Data>;
  readonly sessions: Sessions<Claims, Data>;
  readonly apiKeys: ApiKeys<Claims>;
  readonly store: FailingStore;
  readonly events: HttpEvent[];
  readonly coreEvents: PawlEvent[];
  /** In ms. */
  readonly wait: (ms: number) => void;
  /** Sends a request to a mounted route. */
  readonly send: Send;
  /** Logs a user in by cookies and returns the `Cookie` header of the browser. */
  readonly browser: (userId: string) => Promise<Browser>;
}

export interface Browser {
  readonly access: string;
  readonly refresh: string;
  readonly sessionId: string;
  readonly headers: Record<string, string>;
}

/**
 * Sessions in memory, an `Http` with a pair of cookies over them, and a clock that only moves when
 * told.
 */
export const setUp = (
  options: Partial<HttpOptions<Claims, Data>> = {},
  core: Partial<SessionsOptions<Claims, Data>> = {},
): Setting => {
  let now = 1_700_000_000_000;
  const clock = (): number => now;
  const memory = createMemoryStore({ clock });
  const store = failingStore(memory.sessions);
  const events: HttpEvent[] = [];
  const coreEvents: PawlEvent[] = [];
  const sessions = createSessions<Claims, Data>({
    store: { sessions: store.sessions },
    secrets: [secret],
    clock,
    onEvent: (event) => coreEvents.push(event),
    ...core,
  });
  const apiKeys = createApiKeys<Claims>({ store: memory, secrets: [secret], clock });
  const http = createHttp<Claims, Data>({
    sessions,
    apiKeys,
    origin,
    clock,
    cookies: { mode: 'pair' },
    onEvent: (event) => events.push(event),
    ...options,
  });
  const browser: Setting['browser'] = async (userId) => {
    const response = await http.login(request('POST', '/login', { origin }), { userId });
    if (response.error) throw response.error;
    const [access = '', refresh = ''] = response.cookies.map((one) => one.split(';')[0] ?? '');
    const { accessToken, refreshToken, sessionId } = response.tokens;
    if (refreshToken === null || sessionId === null) throw new Error('there is no session');
    return {
      access: accessToken,
      refresh: refreshToken,
      sessionId,
      headers: { cookie: `${access}; ${refresh}`, origin },
    };
  };
  return {
    http,
    sessions,
    apiKeys,
    store,
    events,
    coreEvents,
    wait: (ms) => {
      now += ms;
    },
    send: routed(http.routes),
    browser,
  };
};

/** The parts of a refusal, without the identity of its error. */
export const told = ({ status, headers, body, cookies }: HttpResponse): unknown => ({
  status,
  headers,
  body,
  cookies,
});

/** Returns whether a response clears both cookies. */
export const isCleared = (cookies: readonly string[]): boolean =>
  cookies.length === 2 && cookies.every((one) => /^\w+=; Max-Age=0; /.test(one));
