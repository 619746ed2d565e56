import { createSessions, type PawlEvent, type SessionsOptions } from '@pawl/core';
import { createApiKeys } from '@pawl/core/api-keys';
import type { HttpEvent, HttpOptions, RateLimitOptions } from '@pawl/http';
import { createFailingStore } from './failing-store.ts';
import { issuingOptions, type Mode, modeOptions } from './modes.ts';
import type { Mount, MountSettings, Query, SuiteAuth, SuiteClaims, SuiteData } from './mount.ts';
import type { BindingStore } from './options.ts';
import { localOrigin, newUser, Service } from './service.ts';

/** How the service of one test differs from the default one. */
export interface ServiceSetup {
  /** Default: `session`. */
  readonly mode?: Mode;
  /** Options of the HTTP layer that replace the defaults. */
  readonly http?: Partial<HttpOptions<SuiteClaims, SuiteData>>;
  /** Options of `createSessions` that replace the defaults. */
  readonly core?: Partial<SessionsOptions<SuiteClaims, SuiteData>>;
  /** Default: no limits. */
  readonly rateLimits?: Omit<RateLimitOptions, 'store' | 'secrets'>;
  /** Settings of the mount that replace the defaults. */
  readonly mount?: Partial<MountSettings>;
}

/** The root secret of every service. */
export const secret = 'a root secret of quite enough random bytes: 0123456789';

/** The message of the error that `GET /bug` and the predicate of `GET /broken` throw. */
export const bugMessage = 'a bug that names CANARY-IN-A-MESSAGE';

/** In ms: the `maxAuthAge` of the guard of `POST /fresh`. */
export const freshness = 300_000;

/** Starts a service on a store. `close` ends the service, not the store. */
export const serve = async (
  mount: Mount,
  { store: real, clock: storeClock }: BindingStore,
  { mode = 'session', http = {}, core = {}, rateLimits, mount: mountSettings = {} }: ServiceSetup,
): Promise<{ service: Service; close: () => Promise<void> }> => {
  const store = createFailingStore(real);
  let offset = 0;
  const clock = (): number => (storeClock ? storeClock.now() : Date.now() + offset);
  const events: (HttpEvent | PawlEvent)[] = [];
  const secrets = [secret];
  const sessions = createSessions<SuiteClaims, SuiteData>({
    store: store.store,
    secrets,
    clock,
    onEvent: (event) => events.push(event),
    ...modeOptions[mode](store.store),
    ...core,
  });
  const apiKeys = createApiKeys<SuiteClaims>({ store: store.store, secrets, clock });
  const options: HttpOptions<SuiteClaims, SuiteData> = {
    ...issuingOptions(mode, sessions, store.store, { secrets, clock }),
    apiKeys,
    origin: localOrigin,
    openapi: { title: 'The application of the suite', version: '1.0.0' },
    clock,
    ...((mode === 'session' || mode === 'blocklist') && { cookies: { mode: 'pair' } }),
    onEvent: (event) => events.push(event),
    ...(rateLimits && { rateLimits: { store: store.store, secrets, ...rateLimits } }),
    ...http,
  };
  const auths: (SuiteAuth | null)[] = [];
  const errors: unknown[] = [];
  const { url, close } = await mount({
    options,
    prefix: '',
    parseBodies: false,
    touchResponses: false,
    admin: { allow: async ({ claims }) => claims.admin === true },
    fresh: { maxAuthAge: freshness },
    broken: { allow: throwBug },
    login: loginOf,
    isPasswordRight: ({ password }) => password === 'right',
    beforeResponse: async () => {},
    onAuth: (auth) => auths.push(auth),
    throwBug,
    callStore: () => sessions.list('someone'),
    onError: (error) => errors.push(error),
    ...mountSettings,
  });
  const wait = async (ms: number): Promise<void> => {
    if (storeClock) await storeClock.advance(ms);
    else offset += ms;
  };
  const service = new Service({
    sessions,
    apiKeys,
    store,
    events,
    auths,
    errors,
    now: clock,
    wait,
    waitForStore: (ms) =>
      storeClock ? wait(ms) : new Promise((wake) => setTimeout(wake, Math.ceil(ms) + 20)),
    url,
    prefix: mountSettings.prefix ?? '',
    origin: options.origin ?? localOrigin,
    authPath: `${options.pathPrefix ?? ''}${options.authPath ?? '/auth'}`,
  });
  await service.readOpenApi();
  store.calls = [];
  return {
    service,
    close: async () => {
      await close();
      await sessions.close();
    },
  };
};

const throwBug = async (): Promise<never> => {
  await new Promise((wake) => setTimeout(wake, 1));
  throw new TypeError(bugMessage);
};

/** For example `?user=ann&admin=1&note=5&deliver=body`: a note of five characters of three bytes each. */
const loginOf: MountSettings['login'] = ({ user = newUser(), admin, note, deliver }: Query) => ({
  session: {
    userId: String(user),
    claims: {
      ...(admin !== undefined && { admin: true }),
      ...(note !== undefined && { note: '€'.repeat(Number(note)) }),
    },
  },
  options: deliver === 'body' || deliver === 'both' || deliver === 'cookies' ? { deliver } : {},
});
