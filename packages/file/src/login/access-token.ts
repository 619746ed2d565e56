import type { Clock } from '@pawl/core';
import { problemOf } from '../failure.ts';
import type { RecordFolder } from '../record-folder.ts';
import { isFresh, isUsable, type TokenDemand } from './freshness.ts';
import { type Refresh, RefreshFailedError } from './refresh-at.ts';
import {
  endOfLogin,
  type StoredTokens,
  type TokenResponse,
  toStoredTokens,
} from './token-response.ts';

/** The validated settings of a login. */
export interface RefreshSettings {
  readonly records: RecordFolder;
  readonly id: string;
  readonly clock: Clock;
  readonly refresh: Refresh;
  /** In ms. */
  readonly refreshAhead: number;
  /** In ms. */
  readonly refreshTimeout: number;
  /** In ms. */
  readonly defaultLifetime: number;
}

/** Returns the access token to use now, or undefined if nobody is logged in. */
export const currentAccessToken = async <Data>(
  settings: RefreshSettings,
  refused: string | undefined,
): Promise<string | undefined> => {
  const { records, id, clock, refreshAhead: ahead } = settings;
  const found = await records.get<StoredTokens<Data>>(id);
  if (found?.kind !== 'live') return undefined;
  const tokens = found.value;
  const demand: TokenDemand = { now: clock(), ahead, refused };
  if (isFresh(tokens, demand)) return tokens.accessToken;
  if (!isUsable(tokens, demand)) return refreshUnderLock<Data>(settings, refused);
  try {
    // The token is still valid: if another process holds the lock, do not wait for it.
    return await refreshUnderLock<Data>(settings, refused, 0);
  } catch (error) {
    if (problemOf(error) === 'busy') return tokens.accessToken;
    throw error;
  }
};

/** Refreshes, unless another process has refreshed while this one waited for the lock. */
const refreshUnderLock = async <Data>(
  settings: RefreshSettings,
  refused: string | undefined,
  lockTimeout?: number,
): Promise<string | undefined> => {
  const { records, id, clock, refreshAhead: ahead } = settings;
  let accessToken: string | undefined;
  await records.update<StoredTokens<Data>>(
    id,
    async (found) => {
      accessToken = undefined;
      if (found?.kind !== 'live') return 'keep';
      const tokens = found.value;
      const demand: TokenDemand = { now: clock(), ahead, refused };
      if (isFresh(tokens, demand) || tokens.refreshToken === null) {
        accessToken = isUsable(tokens, demand) ? tokens.accessToken : undefined;
        return 'keep';
      }
      try {
        const next = await exchange(settings, tokens, tokens.refreshToken);
        if (next === null) return 'delete';
        accessToken = next.accessToken;
        return { value: next, expiresAt: endOfLogin(next, settings.defaultLifetime) };
      } catch (error) {
        if (!isUsable(tokens, { ...demand, now: clock() })) throw error;
        accessToken = tokens.accessToken;
        return 'keep';
      }
    },
    { lockTimeout },
  );
  return accessToken;
};

/** Returns null if the login has ended. */
const exchange = async <Data>(
  { refresh, clock, refreshTimeout }: RefreshSettings,
  previous: StoredTokens<Data>,
  refreshToken: string,
): Promise<StoredTokens<Data> | null> => {
  const requestedAt = clock();
  const response = await withTimeout(refreshTimeout, (signal) => refresh(refreshToken, signal));
  if (response === null) return null;
  try {
    return toStoredTokens(response, requestedAt, previous.data, previous);
  } catch (cause) {
    throw new RefreshFailedError('the response to a refresh has no valid tokens', undefined, {
      cause,
    });
  }
};

/** Rejects after the timeout, also if the call ignores its signal. */
const withTimeout = async (
  timeout: number,
  call: (signal: AbortSignal) => Promise<TokenResponse | null>,
): Promise<TokenResponse | null> => {
  const controller = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new RefreshFailedError(`the refresh took longer than ${timeout} ms`));
    controller.abort();
  }, timeout);
  try {
    return await Promise.race([call(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
};
