import { isPawlError, SessionExpiredError, type SessionInfo } from '@pawl/core';
import { pause } from '@pawl/core/internal';
import { HttpError, isHttpError } from '@pawl/http';
import type { UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffSettings } from '../settings.ts';
import { createBackoff } from './backoff.ts';
import { freshnessOf } from './freshness.ts';
import { refreshOnce } from './refresh-once.ts';
import { createTokenSetReader, resealSession, type TokenSetReader } from './token-set-reader.ts';
import type { UpstreamToken, UpstreamTokenSource } from './upstream-token.ts';

/** In ms: how long a request waits for a new token while its own is still valid. */
const maxWaitWhenValid = 250;

/** In ms: a younger token that a refresh has obtained is not refreshed because an API refused it. */
const minAge = 30_000;

/** In ms: how long a token that a refresh has obtained is used in any case. */
const shortestUse = 1_000;

/** The token source, with what the routes and a shutdown need of it. */
export interface InternalTokenSource extends UpstreamTokenSource {
  readonly reader: TokenSetReader;
  /** Resolves when no refresh and no write is in progress. */
  whenIdle(): Promise<void>;
}

/**
 * Creates the source of upstream tokens. A token is refreshed once per session: requests in
 * this process share one promise, and processes share a lease.
 */
export const createUpstreamTokenSource = <Data>(
  settings: BffSettings<unknown, Data>,
): InternalTokenSource => {
  const { clock, refreshAhead, maxWait } = settings;
  const reader = createTokenSetReader(settings);
  const inFlight = new Map<string, Promise<UpstreamTokenSet>>();
  const backoff = createBackoff();
  const background = new Set<Promise<void>>();

  const runInBackground = (work: Promise<void>): void => {
    background.add(work);
    void work.finally(() => background.delete(work));
  };

  const startRefresh = (sessionId: string, seenToken: string): Promise<UpstreamTokenSet> => {
    const refresh = refreshOnce(settings, reader, sessionId, seenToken)
      .then((tokenSet) => {
        backoff.reset(sessionId);
        return tokenSet;
      })
      .catch((error: unknown) => {
        if (isOutage(error)) backoff.start(sessionId);
        throw error;
      })
      .finally(() => inFlight.delete(sessionId));
    inFlight.set(sessionId, refresh);
    // All who waited for it may have given up: then nobody else handles its error.
    refresh.catch(() => {});
    return refresh;
  };

  /** Returns tokens other than the seen one: of the refresh in progress, or of a new one. */
  const refreshFrom = async (sessionId: string, seenToken: string): Promise<UpstreamTokenSet> => {
    const current = await inFlight.get(sessionId)?.catch(() => null);
    if (current && current.accessToken !== seenToken) return current;
    return inFlight.get(sessionId) ?? startRefresh(sessionId, seenToken);
  };

  /** Returns the tokens in a session that a guard read, or null if they need more work. */
  const openIfFresh = async (sessionId: string, session: SessionInfo<unknown, unknown>) => {
    if (session.sessionId !== sessionId) return null;
    const { tokenSet, upstream } = await reader.open(
      session as Parameters<TokenSetReader['open']>[0],
    );
    if (settings.sealer.isStale(upstream.sealed)) return null;
    return freshnessOf(tokenSet, sessionId, clock(), refreshAhead) === 'fresh' ? tokenSet : null;
  };

  return {
    reader,
    getUpstreamToken: async (sessionId, { forceRefresh, auth } = {}) => {
      const session = forceRefresh ? null : auth?.session;
      const fresh = session && (await openIfFresh(sessionId, session));
      if (fresh) return tokenOf(fresh);
      const { tokenSet, upstream } = await reader.read(sessionId);
      if (settings.sealer.isStale(upstream.sealed)) {
        runInBackground(resealSession(settings, sessionId, upstream.sealed));
      }
      // An API that refuses every token must not cause a refresh per request.
      const age = upstream.tokenGeneration > 0 ? clock() - tokenSet.obtainedAt : Infinity;
      const isRefused = tokenSet.accessToken === forceRefresh?.accessToken && age >= minAge;
      // Nor must a provider whose tokens live for less than a second.
      if (age >= 0 && age < shortestUse) return tokenOf(tokenSet);
      const freshness = freshnessOf(tokenSet, sessionId, clock(), refreshAhead);
      if (freshness === 'fresh' && !isRefused) return tokenOf(tokenSet);
      if (tokenSet.refreshToken === null) {
        if (freshness !== 'expired') return tokenOf(tokenSet);
        await settings.endSession(sessionId, 'upstream_expired');
        throw new SessionExpiredError();
      }
      const isUsable = freshness !== 'expired' && !isRefused;
      if (!isUsable) {
        if (backoff.isExhausted(sessionId)) {
          throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the last refreshes failed');
        }
        return tokenOf(await withTimeout(maxWait, refreshFrom(sessionId, tokenSet.accessToken)));
      }
      if (backoff.isActive(sessionId)) return tokenOf(tokenSet);
      try {
        const refreshed = refreshFrom(sessionId, tokenSet.accessToken);
        const timeout = pause(maxWaitWhenValid).then(() => tokenSet);
        return tokenOf(await Promise.race([refreshed, timeout]));
      } catch (error) {
        // The token at hand is still valid, so an outage does not matter yet.
        if (isOutage(error)) return tokenOf(tokenSet);
        throw error;
      }
    },
    whenIdle: async () => {
      await Promise.allSettled([...inFlight.values(), ...background]);
    },
  };
};

const tokenOf = ({
  accessToken,
  tokenType,
  dpopKey,
  expiresAt,
}: UpstreamTokenSet): UpstreamToken => ({
  accessToken,
  tokenType,
  expiresAt,
  ...(dpopKey && { dpopKey }),
});

const isOutage = (error: unknown): boolean =>
  (isPawlError(error) && error.code === 'ERR_STORE_UNAVAILABLE') ||
  (isHttpError(error) && error.code === 'ERR_UPSTREAM_UNAVAILABLE');

/** Rejects after `ms`; does not cancel the work. */
const withTimeout = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the refresh takes too long'));
    }, ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
};
