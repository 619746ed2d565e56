import {
  createSessions,
  type PawlEvent,
  type RootSecret,
  type Sessions,
  type SessionsOptions,
} from '@pawl/core';
import { type JwtAccessTokenOptions, jwtAccessTokens } from '@pawl/core/jwt';
import type { BlocklistStore, SessionStore, Store } from '@pawl/core/store';
import { createMemoryStore } from './memory-store.ts';
import { rootSecret } from './roots.ts';
import { type Watched, watch } from './watched.ts';

export type Claims = Record<string, unknown>;
export type Data = Record<string, unknown>;
export type Node = Sessions<Claims, Data>;
export type Options = Partial<SessionsOptions<Claims, Data>>;

/** One memory store, its clock, and nodes that share both. */
export interface Deployment {
  readonly store: Store;
  readonly sessions: Watched<SessionStore>;
  readonly blocklist: Watched<BlocklistStore>;
  /** In order. {@link Deployment.types} returns only the names. */
  readonly events: PawlEvent[];
  /** Returns the names of the events since the last call. */
  readonly types: () => string[];
  readonly now: () => number;
  /** Moves the clock, in ms. */
  readonly pass: (ms: number) => void;
  /** Creates a node of the deployment: its own `Sessions` over the same store. */
  readonly node: (options?: Options) => Node;
}

export const secrets: readonly RootSecret[] = [rootSecret('one')];

export const jwt = (
  options: Partial<JwtAccessTokenOptions> = {},
): Pick<SessionsOptions<Claims, Data>, 'accessToken'> => ({
  accessToken: jwtAccessTokens({
    issuer: 'https://issuer.example',
    audience: 'https://api.example',
    clockTolerance: 0,
    ...options,
  }),
});

export const second = 1_000;
export const minute: number = 60 * second;
export const hour: number = 60 * minute;
export const day: number = 24 * hour;

export const deploy = (): Deployment => {
  let time = Date.UTC(2030, 0, 2, 3, 4, 5, 678);
  const now = (): number => time;
  const store = createMemoryStore({ clock: now });
  const sessions = watch(store.sessions);
  const blocklist = watch(store.blocklist);
  const events: PawlEvent[] = [];
  let returned = 0;
  return {
    store,
    sessions,
    blocklist,
    events,
    types: () => {
      const names = events.slice(returned).map(({ type }) => type);
      returned = events.length;
      return names;
    },
    now,
    pass: (ms) => {
      time += ms;
    },
    node: (options = {}) =>
      createSessions<Claims, Data>({
        store: { sessions: sessions.part },
        secrets,
        clock: now,
        onEvent: (event) => events.push(event),
        ...options,
      }),
  };
};

/** Returns the error that a call throws; fails if it throws none. */
export const errorOf = async (call: Promise<unknown> | (() => unknown)): Promise<Error> => {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (error) {
    if (error instanceof Error) return error;
    throw new TypeError('something other than an error was thrown', { cause: error });
  }
  throw new TypeError('the call did not fail');
};

/** Returns the code of the error that a call throws. */
export const codeOf = async (call: Promise<unknown> | (() => unknown)): Promise<unknown> => {
  const error = await errorOf(call);
  return 'code' in error ? error.code : error;
};
