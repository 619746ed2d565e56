import { type Clock, type PawlEvent, systemClock } from '@pawl/core';
import { createHttp, type Http } from '@pawl/http';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { createIdentity, type Identity } from './identity.ts';
import { type Keys, provideKeys } from './keys/keys.ts';
import { logEvent, logHttpEvent } from './log.ts';
import { sessionLimits } from './routes/limits.ts';
import type { Parts, Storage } from './storage/storage.ts';
import { Timeline } from './timeline/timeline.ts';
import { type RevocationWatch, watchRevocations } from './timeline/watch.ts';
import { Accounts } from './users/accounts.ts';
import type { User } from './users/user-table.ts';

/** What the routes work with, in any framework. */
export interface Service {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly storage: Storage;
  readonly accounts: Accounts;
  readonly identity: Identity;
  readonly timeline: Timeline;
  /** What HTTP means here: the framework's binding of Pawl mounts it. */
  readonly http: Http<Record<string, unknown>, Record<string, unknown>>;
  /** Hands a code to its user; null where there is no way to. */
  readonly deliverCode: ((user: User, code: string) => void) | null;
  /** Changes users and sessions together, as far as the storage can. Events are told afterwards. */
  readonly changeTogether: (
    work: (parts: Parts & { readonly identity: Identity }) => Promise<void>,
  ) => Promise<void>;
  readonly isDraining: () => boolean;
  /** Not ready any more, and no stream stays open. */
  readonly drain: () => void;
  /** When no request is under way any more. The storage stays open. */
  readonly close: () => Promise<void>;
}

/** What a test may want to own. */
export interface ServiceOptions {
  readonly clock?: Clock;
  readonly deliverCode?: Service['deliverCode'];
}

/** Puts everything together but the framework and the socket. @throws ConfigurationError */
export const createService = async (
  config: Config,
  storage: Storage,
  log: Logger,
  { clock = systemClock, deliverCode = config.production ? null : printCode }: ServiceOptions = {},
): Promise<Service> => {
  const keys = await provideKeys(config);
  const timeline = new Timeline(clock);
  const toLog = logEvent(log);
  const onEvent = (event: PawlEvent): void => {
    toLog(event);
    timeline.hear(event);
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
      const heard: PawlEvent[] = [];
      await storage.together((parts) => {
        heard.length = 0;
        const inside = createIdentity(parts, config, keys, (event) => heard.push(event), clock);
        return work({ ...parts, identity: inside });
      });
      // What is undone has not happened: so only now.
      heard.forEach(onEvent);
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
    allowedOrigins: [config.corsOrigin],
    authPath: '/',
    cookies: { refreshPath: '/refresh' },
    trustedProxies: config.trustedProxies,
    ...(config.rateLimits && { rateLimits: { store, secrets: [secret], ...sessionLimits } }),
    clock,
    onEvent: logHttpEvent(log),
  });
  // The demo has a logout of its own, which answers with a body.
  return { ...http, routes: http.routes.filter(({ path }) => path !== '/logout') };
};

/** On the console and not in the log, which others may read. */
const printCode = ({ name }: User, code: string): void => {
  console.log(`\nA code for ${name}, to log in once:\n\n  ${code}\n`);
};
