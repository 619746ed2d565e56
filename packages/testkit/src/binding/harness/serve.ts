import { createSessions, type PawlEvent, type SessionsOptions } from '@pawl/core';
import { createApiKeys } from '@pawl/core/api-keys';
import type { HttpEvent, HttpOptions, RateLimitOptions } from '@pawl/http';
import { failingStore } from './failing-store.ts';
import { issuing, type Mode, modeOptions } from './modes.ts';
import type { Mount, MountSetting, Query, SuiteAuth, SuiteClaims, SuiteData } from './mount.ts';
import type { BindingStore } from './options.ts';
import { localOrigin, newUser, Service } from './service.ts';

/** How the service of one test differs from the ordinary one. */
export interface Setup {
  /** Default `session`. */
  readonly mode?: Mode;
  readonly http?: Partial<HttpOptions<SuiteClaims, SuiteData>>;
  readonly core?: Partial<SessionsOptions<SuiteClaims, SuiteData>>;
  /** Default: there are no limits. */
  readonly rateLimits?: Omit<RateLimitOptions, 'store' | 'secrets'>;
  readonly mount?: Partial<MountSetting>;
}

export const secret = 'a root secret of quite enough random bytes: 0123456789';

/** The bug of `GET /bug`, and of the predicate of `GET /broken`. */
export const bugMessage = 'a bug that names CANARY-IN-A-MESSAGE';

/** In ms: how fresh the authentication has to be for `POST /fresh`. */
export const freshness = 300_000;

/** Starts a service over a store. Closing it is the mount's and the store's business. */
export const serve = async (
  mount: Mount,
  { store: real, clock: storeClock }: BindingStore,
  { mode = 'session', http = {}, core = {}, rateLimits, mount: mounting = {} }: Setup,
): Promise<{ service: Service; close: () => Promise<void> }> => {
  const store = failingStore(real);
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
    ...issuing(mode, sessions, store.store, { secrets, clock }),
    apiKeys,
    origin: localOrigin,
    openapi: { title: 'The application of the suite', version: '1.0.0' },
    clock,
    onEvent: (event) => events.push(event),
    ...(rateLimits && { rateLimits: { store: store.store, secrets, ...rateLimits } }),
    ...http,
  };
  const seen: (SuiteAuth | null)[] = [];
  const errors: unknown[] = [];
  const { url, close } = await mount({
    options,
    prefix: '',
    parseBodies: false,
    admin: { allow: async ({ claims }) => claims.admin === true },
    fresh: { maxAuthAge: freshness },
    broken: { allow: bug },
    login: loginOf,
    knows: ({ password }) => password === 'right',
    saw: (auth) => seen.push(auth),
    bug,
    lookup: () => sessions.list('someone'),
    failed: (error) => errors.push(error),
    ...mounting,
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
    seen,
    errors,
    now: clock,
    wait,
    outlive: (ms) =>
      storeClock ? wait(ms) : new Promise((wake) => setTimeout(wake, Math.ceil(ms) + 20)),
    url,
    prefix: mounting.prefix ?? '',
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

const bug = async (): Promise<never> => {
  await new Promise((wake) => setTimeout(wake, 1));
  throw new TypeError(bugMessage);
};

/** `?user=ann&admin=1&note=5&deliver=body`: a note of five characters that take three bytes each. */
const loginOf: MountSetting['login'] = ({ user = newUser(), admin, note, deliver }: Query) => ({
  session: {
    userId: String(user),
    claims: {
      ...(admin !== undefined && { admin: true }),
      ...(note !== undefined && { note: '€'.repeat(Number(note)) }),
    },
  },
  options: deliver === 'body' || deliver === 'both' || deliver === 'cookies' ? { deliver } : {},
});
