import { ConfigurationError, systemClock } from '@pawl/core/store';
import {
  createRecordFolder,
  type RecordFolder,
  type RecordFolderOptions,
} from '../record-folder.ts';
import { currentAccessToken, type RefreshSettings } from './access-token.ts';
import { deleteLogin, type EndedLogin } from './logout.ts';
import type { Refresh } from './refresh-at.ts';
import { endOfLogin, type KeptTokens, keepTokens, type TokenResponse } from './token-response.ts';

/** Needs `app` or `folder`, and `refresh`. */
export interface SingleLoginOptions extends RecordFolderOptions {
  /** How to get the next pair: {@link refreshAt} for a route of Pawl, or your own. */
  readonly refresh: Refresh;
  /** The id of the one login. Default `login`. */
  readonly id?: string;
  /**
   * In ms: how long before its expiry an access token is refreshed; never more than half of
   * its lifetime. Default 30,000.
   */
  readonly refreshAhead?: number;
  /** In ms: a refresh that takes longer has failed. Default 30,000. */
  readonly refreshTimeout?: number;
}

/** What is safe to show of a login: no token. */
export type LoginStatus<Data> =
  | {
      readonly kind: 'live';
      readonly data: Data;
      /** In ms since the epoch; null where the server did not say. */
      readonly accessTokenExpiresAt: number | null;
    }
  | { readonly kind: 'expired' };

/**
 * The one login of a program. Any number of processes may use it at once. Every verb throws
 * `StoreUnavailableError` for what fails in the file system.
 */
export interface SingleLogin<Data> {
  /** The store that keeps it. */
  readonly store: RecordFolder;
  /** The file that keeps it. */
  readonly path: string;
  /**
   * Keeps the tokens of a login that has just been made, and removes what earlier ones left.
   * @param data what else the program wants to know, such as a name: JSON
   * @throws InvalidInputError
   */
  save(
    tokens: TokenResponse,
    ...data: undefined extends Data ? [data?: Data] : [data: Data]
  ): Promise<void>;
  /**
   * An access token that is good for a while, or undefined: nobody is logged in (any more).
   *
   * Refreshes ahead of expiry, in one process at a time, and keeps the new pair before
   * anybody gets it; all others get what the first one was given. A refresh that
   * fails is no matter while the token still works; else its error passes through, or a
   * `RefreshFailedError` for an answer that is no pair of tokens, or that comes too late.
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string | undefined>;
  /** Who is logged in, without any token: one that has expired is told once. */
  status(): Promise<LoginStatus<Data> | undefined>;
  /** Forgets the login, and answers its tokens so that the server can be told. Twice is fine. */
  logout(): Promise<EndedLogin | undefined>;
}

export interface GetAccessTokenOptions {
  /**
   * A token of this login that the server has refused, though its time was not over: another
   * one is wanted. Nobody refreshes twice for it.
   */
  readonly refused?: string;
}

/** @throws ConfigurationError, naming the option. */
export const createSingleLogin = <Data = undefined>(
  options: SingleLoginOptions,
): SingleLogin<Data> => {
  const { id = 'login', clock = systemClock } = options;
  const { refreshAhead = 30_000, refreshTimeout = 30_000 } = options;
  const store = createRecordFolder(options);
  const path = store.pathOf(id);
  if (typeof options.refresh !== 'function') {
    throw new ConfigurationError('refresh', 'must be a function');
  }
  if (!(refreshAhead >= 0)) throw new ConfigurationError('refreshAhead', 'must be 0 or more');
  if (!(refreshTimeout >= 1 && refreshTimeout < 2 ** 31)) {
    throw new ConfigurationError('refreshTimeout', 'must be between 1 and 2,147,483,647 ms');
  }
  const settings: RefreshSettings = {
    store,
    id,
    clock,
    refreshAhead,
    refreshTimeout,
    refresh: options.refresh,
  };
  return {
    store,
    path,
    save: async (tokens, ...[data]) => {
      const kept = keepTokens(tokens, clock(), data);
      await store.set(id, kept, endOfLogin(kept));
      // The login is kept: what the sweep cannot do, the next one will.
      await store.cleanup().catch(() => {});
    },
    getAccessToken: ({ refused } = {}) => currentAccessToken(settings, refused),
    status: async () => {
      const found = await store.get<KeptTokens<Data>>(id);
      if (found?.kind !== 'live') return found;
      const { data, accessTokenExpiresAt } = found.value;
      return { kind: 'live', data, accessTokenExpiresAt };
    },
    logout: () => deleteLogin(store, id),
  };
};
