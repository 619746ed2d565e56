import { SessionExpiredError, type SessionInfo, StoreUnavailableError } from '@pawl/core';
import { HttpError } from '@pawl/http';
import type { UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffSettings } from '../settings.ts';
import { freshnessOf } from './freshness.ts';
import { pause } from './pause.ts';
import { refreshOnce } from './refresh-once.ts';
import { createTokenSetReader, reseal, type TokenSetReader } from './token-set-reader.ts';
import type { UpstreamToken, UpstreamTokenSource } from './upstream-token.ts';

/** In ms: so long a request waits for a better token while the one at hand is still good. */
const courtesy = 250;

/** In ms: after an answer of the provider that was none; doubled up to half a minute. */
const firstPause = 1_000;

/**
 * Upstream tokens, refreshed once per session: in this process by one promise that
 * all requests share, across processes by a lease.
 */
export const createUpstreamTokenSource = <Data>(
  settings: BffSettings<unknown, Data>,
): UpstreamTokenSource & { readonly reader: TokenSetReader; settled(): Promise<void> } => {
  const { clock, refreshAhead, maxWait } = settings;
  const reader = createTokenSetReader(settings);
  const flights = new Map<string, Promise<UpstreamTokenSet>>();
  const pauses = createPauses();
  const beside = new Set<Promise<void>>();

  const inBackground = (work: Promise<void>): void => {
    beside.add(work);
    void work.finally(() => beside.delete(work));
  };

  const startFlight = (sessionId: string, seen: string): Promise<UpstreamTokenSet> => {
    const flight = refreshOnce(settings, reader, sessionId, seen)
      .then((tokenSet) => {
        pauses.forget(sessionId);
        return tokenSet;
      })
      .catch((error: unknown) => {
        if (isOutage(error)) pauses.note(sessionId);
        throw error;
      })
      .finally(() => flights.delete(sessionId));
    flights.set(sessionId, flight);
    // Everybody who waits for it may have gone.
    flight.catch(() => {});
    return flight;
  };

  /** A token that is not the one that was seen: of the flight that is under way, or of a new one. */
  const refreshed = async (sessionId: string, seen: string): Promise<UpstreamTokenSet> => {
    const under = await flights.get(sessionId)?.catch(() => null);
    if (under && under.accessToken !== seen) return under;
    return flights.get(sessionId) ?? startFlight(sessionId, seen);
  };

  /** Out of what a guard has read. Null where it takes more than handing a token out. */
  const freshOf = async (sessionId: string, session: SessionInfo<unknown, unknown>) => {
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
      const fresh = session && (await freshOf(sessionId, session));
      if (fresh) return tokenOf(fresh);
      const { tokenSet, upstream } = await reader.read(sessionId);
      if (settings.sealer.isStale(upstream.sealed)) {
        inBackground(reseal(settings, sessionId, upstream.sealed));
      }
      const isRefused = tokenSet.accessToken === forceRefresh?.accessToken;
      const freshness = freshnessOf(tokenSet, sessionId, clock(), refreshAhead);
      if (freshness === 'fresh' && !isRefused) return tokenOf(tokenSet);
      if (tokenSet.refreshToken === null) {
        if (freshness !== 'over') return tokenOf(tokenSet);
        await settings.end(sessionId, 'upstream_expired');
        throw new SessionExpiredError();
      }
      const isUsable = freshness !== 'over' && !isRefused;
      if (!isUsable)
        return tokenOf(await within(maxWait, refreshed(sessionId, tokenSet.accessToken)));
      if (pauses.isPausing(sessionId)) return tokenOf(tokenSet);
      try {
        const better = refreshed(sessionId, tokenSet.accessToken);
        return tokenOf(await Promise.race([better, pause(courtesy).then(() => tokenSet)]));
      } catch (error) {
        // Somebody else's outage is no reason to refuse a token that is good.
        if (isOutage(error)) return tokenOf(tokenSet);
        throw error;
      }
    },
    settled: async () => {
      await Promise.allSettled([...flights.values(), ...beside]);
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
  error instanceof StoreUnavailableError ||
  (error instanceof HttpError && error.code === 'ERR_UPSTREAM_UNAVAILABLE');

/** Waits so long and no longer; the work goes on. */
const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the refresh takes too long'));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

interface Pauses {
  isPausing(sessionId: string): boolean;
  note(sessionId: string): void;
  forget(sessionId: string): void;
}

/** Sessions whose refresh has just failed: a provider in trouble is not asked at every request. */
const createPauses = (): Pauses => {
  const known = new Map<string, { readonly until: number; readonly length: number }>();
  const max = 10_000;
  return {
    isPausing: (sessionId) => performance.now() < (known.get(sessionId)?.until ?? 0),
    note: (sessionId) => {
      const length = Math.min((known.get(sessionId)?.length ?? firstPause / 2) * 2, 30_000);
      known.delete(sessionId);
      known.set(sessionId, {
        length,
        until: performance.now() + length * (0.5 + Math.random() / 2),
      });
      if (known.size > max) known.delete(known.keys().next().value as string);
    },
    forget: (sessionId) => {
      known.delete(sessionId);
    },
  };
};
