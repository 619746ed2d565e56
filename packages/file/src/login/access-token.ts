import type { Clock } from '@pawl/core/store';
import { problemOf } from '../failure.ts';
import type { RecordFolder } from '../record-folder.ts';
import { type Demand, isFresh, isUsable } from './freshness.ts';
import { type Refresh, RefreshFailedError } from './refresh-at.ts';
import { endOfLogin, type KeptTokens, keepTokens, type TokenResponse } from './token-response.ts';

/** What a login works with, checked. */
export interface RefreshSettings {
  readonly store: RecordFolder;
  readonly id: string;
  readonly clock: Clock;
  readonly refresh: Refresh;
  /** In ms. */
  readonly refreshAhead: number;
  /** In ms. */
  readonly refreshTimeout: number;
}

/** The access token to present now, or undefined where nobody is logged in. */
export const currentAccessToken = async <Data>(
  settings: RefreshSettings,
  refused: string | undefined,
): Promise<string | undefined> => {
  const { store, id, clock, refreshAhead: ahead } = settings;
  const found = await store.get<KeptTokens<Data>>(id);
  if (found?.kind !== 'live') return undefined;
  const tokens = found.value;
  const demand: Demand = { now: clock(), ahead, refused };
  if (isFresh(tokens, demand)) return tokens.accessToken;
  if (!isUsable(tokens, demand)) return refreshed<Data>(settings, refused);
  try {
    // There is time: if another process is at it, or has died over it, this one does not wait.
    return await refreshed<Data>(settings, refused, 0);
  } catch (error) {
    if (problemOf(error) === 'busy') return tokens.accessToken;
    throw error;
  }
};

/** Under the lock: whoever comes second finds what the first one has kept. */
const refreshed = async <Data>(
  settings: RefreshSettings,
  refused: string | undefined,
  lockTimeout?: number,
): Promise<string | undefined> => {
  const { store, id, clock, refreshAhead: ahead } = settings;
  let accessToken: string | undefined;
  await store.update<KeptTokens<Data>>(
    id,
    async (found) => {
      accessToken = undefined;
      if (found?.kind !== 'live') return 'keep';
      const tokens = found.value;
      const demand: Demand = { now: clock(), ahead, refused };
      if (isFresh(tokens, demand) || tokens.refreshToken === null) {
        accessToken = isUsable(tokens, demand) ? tokens.accessToken : undefined;
        return 'keep';
      }
      try {
        const next = await exchange(settings, tokens, tokens.refreshToken);
        if (next === null) return 'delete';
        accessToken = next.accessToken;
        return { value: next, expiresAt: endOfLogin(next) };
      } catch (error) {
        if (!isUsable(tokens, { ...demand, now: clock() })) throw error;
        accessToken = tokens.accessToken;
        return 'keep';
      }
    },
    lockTimeout === undefined ? {} : { lockTimeout },
  );
  return accessToken;
};

const exchange = async <Data>(
  { refresh, clock, refreshTimeout }: RefreshSettings,
  before: KeptTokens<Data>,
  refreshToken: string,
): Promise<KeptTokens<Data> | null> => {
  const askedAt = clock();
  const answer = await withTimeout(refreshTimeout, (signal) => refresh(refreshToken, signal));
  if (answer === null) return null;
  try {
    return keepTokens(answer, askedAt, before.data, before);
  } catch (cause) {
    throw new RefreshFailedError('the answer to a refresh is no pair of tokens', undefined, {
      cause,
    });
  }
};

/** Whether or not the call heeds its signal. */
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
