import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryStore } from '@pawl/memory';
import { inject } from 'vitest';
import { type Bff, createBff } from '../src/bff.ts';
import type { BffOptions } from '../src/options.ts';
import { type Browser, openBrowser } from './browser.ts';
import { type FrameworkName, frameworks } from './frameworks/index.ts';
import { type ProviderSettings, startProvider, type TestProvider } from './provider.ts';

export type Claims = { role?: string };
export type Data = { theme?: string };
type Events = Parameters<NonNullable<BffOptions<Claims, Data>['onEvent']>>[0][];
type Store = BffOptions<Claims, Data>['store'];

declare module 'vitest' {
  interface ProvidedContext {
    /** The framework that the BFF is mounted in. */
    framework: FrameworkName;
  }
}

export const secret = 'a root secret of quite enough random bytes: 0123456789';
export const clientSecret = 'a client secret of the test';

/** A BFF on loopback, its provider, and a browser. */
export interface Service {
  readonly origin: string;
  readonly provider: TestProvider;
  readonly bff: Bff<Claims, Data>;
  readonly browser: Browser;
  readonly events: Events;
  readonly types: () => string[];
  /** Advances the clock of the BFF and of its memory store, not that of the provider. In ms. */
  readonly pass: (ms: number) => void;
  /** Makes calls of the store fail. */
  readonly breakStore: (which: ((part: string, verb: string) => boolean) | null) => void;
  /** Delays calls of the store, before and after they happen. */
  readonly hold: (until: (() => Promise<unknown>) | null) => void;
  /** The next call of a verb succeeds, but its response is lost. */
  readonly loseResponse: (verb: string) => void;
  readonly store: Store;
  /** Another node on the same store. */
  readonly node: (options?: Partial<BffOptions<Claims, Data>>) => Bff<Claims, Data>;
  /** Logs in, and returns the id of the session. */
  readonly login: (browser?: Browser) => Promise<string>;
  readonly open: (user?: string) => Browser;
  close(): Promise<void>;
}

export interface ServiceSettings extends Omit<ProviderSettings, 'origin'> {
  readonly options?: Partial<BffOptions<Claims, Data>>;
  /** Default: a memory store. */
  readonly store?: Store;
}

export const startService = async (settings: ServiceSettings = {}): Promise<Service> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = await startProvider({ ...settings, origin: origin });
  let ahead = 0;
  let isBroken: ((part: string, verb: string) => boolean) | null = null;
  const events: Events = [];
  const lost = new Set<string>();
  let hold: (() => Promise<unknown>) | null = null;
  const breaks = (part: string, verb: string): 'before' | 'after' | null => {
    if (lost.delete(verb)) return 'after';
    return isBroken?.(part, verb) ? 'before' : null;
  };
  const clock = (): number => Date.now() + ahead;
  const store = breakable(settings.store ?? createMemoryStore({ clock }), breaks, () => hold?.());
  const nodes: Bff<Claims, Data>[] = [];
  const node: Service['node'] = (options = {}) => {
    const bff = createBff<Claims, Data>({
      issuer: provider.issuer,
      clientId: 'bff',
      clientSecret,
      origin,
      store,
      secrets: [secret],
      dpop: settings.dpop ?? false,
      authorizationParameters: { prompt: 'consent' },
      clock,
      onEvent: (event) => events.push(event),
      ...settings.options,
      ...options,
    });
    nodes.push(bff);
    return bff;
  };
  const bff = node();
  const application = await frameworks[inject('framework')](bff);
  server.on('request', application.listener);
  const browser = openBrowser(origin);
  return {
    origin,
    provider,
    bff,
    browser,
    events,
    types: () => events.map(({ type }) => type),
    pass: (ms) => {
      ahead += ms;
    },
    breakStore: (which) => {
      isBroken = which;
    },
    hold: (until) => {
      hold = until;
    },
    loseResponse: (verb) => {
      lost.add(verb);
    },
    store,
    node,
    open: (user) => openBrowser(origin, user),
    login: async (by = browser) => {
      const visit = await by.go(`${origin}/bff/login`);
      if (visit.url !== `${origin}/`)
        throw new Error(`the login failed: ${visit.status} ${visit.text}`);
      const session = (await by.call(`${origin}/bff/session`)).json() as {
        session: { id: string };
      };
      return session.session.id;
    },
    close: async () => {
      isBroken = null;
      for (const one of nodes) await one.close();
      await application.close();
      await provider.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** A store that fails on command, like a driver. */
const breakable = (
  store: Store,
  breaks: (part: string, verb: string) => 'before' | 'after' | null,
  held: () => Promise<unknown> | undefined,
): Store => {
  const part = <Part extends object>(name: string, target: Part): Part =>
    new Proxy(target, {
      get: (_, verb) => {
        const real: unknown = Reflect.get(target, verb);
        if (typeof real !== 'function') return real;
        return async (...args: unknown[]): Promise<unknown> => {
          await held();
          const when = breaks(name, String(verb));
          if (when === 'before') throw new Error('connect ECONNREFUSED 10.0.0.5:6379');
          const answer: unknown = await Reflect.apply(real, target, args);
          await held();
          if (when === 'after') throw new Error('read ECONNRESET');
          return answer;
        };
      },
    });
  return {
    sessions: part('sessions', store.sessions),
    singleUse: part('singleUse', store.singleUse),
    leases: part('leases', store.leases),
  };
};
