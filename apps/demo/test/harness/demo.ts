import type { Config } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type RunningDemo, startDemo } from '../../src/server.ts';
import type { ServiceOptions } from '../../src/service.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { createTestStore, type StoreName } from './store.ts';
import { type Send, sendTo, type Visitor, visitorOf } from './visitor.ts';

export const origin = 'http://localhost:8080';

export const config: Config = {
  production: false,
  framework: 'hono',
  store: 'memory',
  users: 'sqlite::memory:',
  port: 0,
  origin,
  corsOrigin: 'http://localhost:3000',
  secret: 'a root secret of quite enough random bytes: 0123456789',
  cookies: 'pair',
  rotateAfter: undefined,
  accessToken: 'opaque',
  signingKey: null,
  preset: 'default',
  accessTokenLifetime: undefined,
  refreshTokenLifetime: undefined,
  idleTimeout: undefined,
  settlePeriod: undefined,
  trustedProxies: [],
  rateLimits: true,
};

/** A demo for one test, on a real socket. */
export interface StartedDemo extends AsyncDisposable {
  readonly demo: RunningDemo;
  readonly storage: Storage;
  /** The lines of the log. */
  readonly lines: string[];
  /** The codes that were sent to users. */
  readonly codes: string[];
  readonly send: Send;
  readonly visitor: () => Visitor;
  /** Advances the clock of the application and that of the store, in memory and in SQLite, in ms. */
  readonly wait: (ms: number) => void;
}

/** What a test can replace. */
export interface StartOptions extends Pick<ServiceOptions, 'deliverCode' | 'routes'> {
  /** For a demo that is started again: time goes on. */
  readonly clock?: TestClock;
}

/** Starts a demo. It is stopped, and its data removed, when it is disposed of. */
export const start = async (
  own: Partial<Config> = {},
  store: StoreName = 'memory',
  { clock = createTestClock(), ...options }: StartOptions = {},
): Promise<StartedDemo> => {
  const lines: string[] = [];
  const codes: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const testStore = await createTestStore(store);
  const settings = { ...config, ...testStore.config, ...own };
  const { now } = clock;
  // The other stores are servers, with the clock of the machine.
  const ownClock = /^(memory|sqlite:)/.test(settings.store) ? { clock: now } : {};
  const storage = await openStorage(settings.store, settings.users, undefined, ownClock);
  const demo = await startDemo(settings, storage, log, {
    clock: now,
    deliverCode: (_, code) => codes.push(code),
    ...options,
  });
  const send = sendTo(demo.port);
  return {
    demo,
    storage,
    lines,
    codes,
    send,
    visitor: () => visitorOf(send, settings.origin),
    wait: clock.wait,
    [Symbol.asyncDispose]: async () => {
      await demo.stop();
      await storage.close();
      await testStore.remove();
    },
  };
};

export const ann = { username: 'ann', password: 'correct horse battery' };
