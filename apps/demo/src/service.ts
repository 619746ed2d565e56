import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, type PawlEvent, systemClock } from '@pawl/core';
import { createHttp, type Http } from '@pawl/http';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { createIdentity, type Identity } from './identity.ts';
import { type Keys, loadOrCreateKeys } from './keys/keys.ts';
import { logEvent, logHttpEvent } from './log.ts';
import { createAccountLimits, type LimitAccount } from './routes/account-limits.ts';
import { sessionLimits } from './routes/limits.ts';
import type { Route } from './routes/route.ts';
import type { Storage, StorageParts } from './storage/storage.ts';
import { Timeline } from './timeline/timeline.ts';
import { type RevocationWatch, watchRevocations } from './timeline/watch.ts';
import { Accounts } from './users/accounts.ts';
import type { User } from './users/user-table.ts';

/** What the routes use, in any framework. */
export interface Service {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly storage: Storage;
  readonly accounts: Accounts;
  readonly identity: Identity;
  readonly timeline: Timeline;
  /** The HTTP layer, which the framework's binding of Pawl mounts. */
  readonly http: Http<Record<string, unknown>, Record<string, unknown>>;
  /** Sends a code to its user; null if that is not possible. */
  readonly deliverCode: ((user: User, code: string) => void) | null;
  /** Changes users and sessions together, as far as the storage can. Events are emitted afterwards. */
  readonly changeTogether: (
    work: (parts: StorageParts & { readonly identity: Identity }) => Promise<void>,
  ) => Promise<void>;
  /** Counts an attempt on an account. @throws DemoError with 429 */
  readonly limitAccount: LimitAccount;
  /** Runs the work, and returns how many sessions it has ended. */
  readonly countEnded: (work: () => Promise<void>) => Promise<number>;
  readonly isDraining: () => boolean;
  /** Reports that the service is not ready, and ends all event streams. */
  readonly drain: () => void;
  /** Call it when no request is in progress. The storage stays open. */
  readonly close: () => Promise<void>;
}

/** What a test can replace or add. */
export interface ServiceOptions {
  readonly clock?: Clock;
  readonly deliverCode?: Service['deliverCode'];
  /** More routes, besides those of the demo. */
  readonly routes?: readonly Route[];
}

/** Creates everything except the framework and the server. @throws ConfigurationError */
export const createService = async (
  config: Config,
  storage: Storage,
  log: Logger,
  { clock = systemClock, deliverCode = config.production ? null : printCode }: ServiceOptions = {},
): Promise<Service> => {
  const keys = await loadOrCreateKeys(config);
  const timeline = new Timeline(clock);
  const toLog = logEvent(log);
  const endings = new AsyncLocalStorage<string[]>();
  const onEvent = (event: PawlEvent): void => {
    toLog(event);
    timeline.record(event);
    if (event.type === 'session.revoked') endings.getStore()?.push(event.sessionId);
  };
  const identity = createIdentity(storage, config, keys, onEvent, clock);
  const watch: RevocationWatch = watchRevocations(storage.store.sessions, timeline);
  let draining = false;
  return {
    config,
    clock,
    log,
    storage,
    accounts: new Accounts(storage.users),
    identity,
    timeline,
    http: createDemoHttp(config, identity, storage, keys, clock, log),
    deliverCode,
    changeTogether: async (work) => {
      const events: PawlEvent[] = [];
      await storage.changeTogether((parts) => {
        events.length = 0;
        const inside = createIdentity(parts, config, keys, (event) => events.push(event), clock);
        return work({ ...parts, identity: inside });
      });
      // Only now, because an undone change has no events.
      events.forEach(onEvent);
    },
    limitAccount: createAccountLimits(storage, config, keys, (action) =>
      log.warn({ event: 'rate.limited', route: `account-${action}` }),
    ),
    countEnded: async (work) => {
      const ended: string[] = [];
      await endings.run(ended, work);
      return ended.length;
    },
    isDraining: () => draining,
    drain: () => {
      draining = true;
      watch.stop();
      timeline.close();
    },
    close: () => identity.sessions.close(),
  };
};

const createDemoHttp = (
  config: Config,
  { sessions, apiKeys }: Identity,
  { store }: Storage,
  { secret }: Keys,
  clock: Clock,
  log: Logger,
): Service['http'] => {
  const http = createHttp({
    sessions,
    apiKeys,
    origin: config.origin,
    allowedOrigins: config.corsOrigin === null ? [] : [config.corsOrigin],
    authPath: '/',
    cookies: { mode: config.cookies },
    trustedProxies: config.trustedProxies,
    ...(config.rateLimits && { rateLimits: { store, secrets: [secret], ...sessionLimits } }),
    clock,
    onEvent: logHttpEvent(log),
  });
  // The demo has its own logout, which responds with a body.
  return { ...http, routes: http.routes.filter(({ path }) => path !== '/logout') };
};

/** Prints to the console, not to the log, which others may read. */
const printCode = ({ name }: User, code: string): void => {
  console.log(`\nA code for ${name}, to log in once:\n\n  ${code}\n`);
};
