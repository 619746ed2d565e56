import {
  createSessions,
  isPawlError,
  presets,
  RefreshRetryError,
  SessionExpiredError,
  type Sessions,
  type SessionsOptions,
  StoreRegressionError,
  StoreUnavailableError,
  TokenExpiredError,
} from '@pawl/core';
import type { SessionRecord, SessionStore } from '@pawl/core/store';
import { createMemoryStore } from '@pawl/memory';
import { createChance } from '../chance.ts';
import { override } from './override.ts';
import { createWatch, type Watch } from './watch.ts';

const secret = 'a root secret of the simulation, which protects nothing';

/** What the simulated deployments differ in. */
export interface Deployment
  extends Pick<
    SessionsOptions<object, object>,
    'preset' | 'accessToken' | 'revocationCheck' | 'maxLateRun'
  > {
  /** Whether the session is bound to a key that only the owner has. */
  readonly isBound?: boolean;
  /** Breaks the protocol, to test that the simulation notices. */
  readonly sabotage?: (store: SessionStore) => Partial<SessionStore>;
}

/** Pawl's sessions on the memory store, with an injected clock and randomness, and watched. */
export interface Deployed {
  readonly sessions: Sessions<object, object>;
  readonly watch: Watch;
  /** The record that the last check has read. */
  readonly lastRead: () => SessionRecord | null;
}

/** `isTolerant`: whether a consumed token may be exchanged while its successor is in use. */
export const deploy = (
  { sabotage, preset, accessToken, revocationCheck, maxLateRun }: Deployment,
  clock: () => number,
  seed: number,
  isTolerant: boolean,
): Deployed => {
  const memory = createMemoryStore({ clock });
  const times = presets[preset ?? 'default'];
  const { gracePeriod } = times;
  const watch = createWatch({
    clock,
    maxLateRun: maxLateRun ?? times.maxLateRun,
    gracePeriod,
    isTolerant,
  });
  let lastRead: SessionRecord | null = null;
  const store = override(memory.sessions, sabotage?.(memory.sessions) ?? {});
  const sessions = createSessions<object, object>({
    preset,
    accessToken,
    revocationCheck,
    maxLateRun,
    store: {
      sessions: override(store, {
        find: async (sessionId, activity) => {
          const found = await store.find(sessionId, activity);
          lastRead = found?.record ?? null;
          return found;
        },
      }),
    },
    ...(revocationCheck === 'blocklist' && { blocklist: memory }),
    secrets: [secret],
    clock,
    random: createChance(seed).bytes,
    onEvent: watch.onEvent,
  });
  return { sessions, watch, lastRead: () => lastRead };
};

/**
 * What a client gets instead of what it asked for: 409, 503, or 401, where `expired` means that
 * the session has reached its own limits.
 */
export type Refusal = 'retry' | 'unavailable' | 'refused' | 'expired';

/** The refusal that an error is; throws any error that no client should see. */
export const refusalOf = (error: unknown): Refusal => {
  if (error instanceof RefreshRetryError) return 'retry';
  if (error instanceof StoreRegressionError) return 'unavailable';
  if (!isPawlError(error) || error instanceof StoreUnavailableError) throw error;
  const isExpired = error instanceof SessionExpiredError || error instanceof TokenExpiredError;
  return isExpired ? 'expired' : 'refused';
};
