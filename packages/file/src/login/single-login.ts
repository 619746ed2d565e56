import { ConfigurationError, systemClock } from '@pawl/core';
import { assertOptions, type OptionNames } from '@pawl/core/internal';
import {
  createRecordFolder,
  type RecordFolder,
  type RecordFolderOptions,
} from '../record-folder.ts';
import { currentAccessToken, type RefreshSettings } from './access-token.ts';
import { deleteLogin, type EndedLogin } from './logout.ts';
import type { Refresh } from './refresh-at.ts';
import {
  endOfLogin,
  type StoredTokens,
  type TokenResponse,
  toStoredTokens,
} from './token-response.ts';

/** Options of {@link createSingleLogin}. `refresh` and either `app` or `folder` are required. */
export interface SingleLoginOptions extends RecordFolderOptions {
  /** Gets the next pair of tokens: {@link refreshAt} for a route of Pawl, or your own function. */
  readonly refresh: Refresh;
  /** The id of the record that holds the login. Default `login`. */
  readonly id?: string | undefined;
  /**
   * In ms: how long before it expires an access token is refreshed, at most half of its lifetime.
   * Default 30,000.
   */
  readonly refreshAhead?: number | undefined;
  /** In ms: the timeout of a refresh. Default 30,000. */
  readonly refreshTimeout?: number | undefined;
  /**
   * In ms: how long a login lasts for which the server gives no lifetime at all, neither
   * `expires_in` nor `refresh_token_expires_in`. It begins again with each refresh. `Infinity`:
   * until the server refuses the token. Default 30 days.
   */
  readonly defaultLifetime?: number | undefined;
}

/** The state of a login, without any token: live with the program's data, or expired. */
export type LoginStatus<Data> =
  | {
      readonly kind: 'live';
      readonly data: Data;
      /** In ms since the epoch; null if the server does not say. */
      readonly accessTokenExpiresAt: number | null;
    }
  | { readonly kind: 'expired' };

/**
 * The one login of a program, which any number of processes may use at once. Every method throws
 * `StoreUnavailableError` if the file system fails.
 */
export interface SingleLogin<Data> {
  /** The folder that holds the login. */
  readonly records: RecordFolder;
  /** The path of the file that holds the login. */
  readonly path: string;
  /**
   * Stores the tokens of a new login, and removes what earlier logins left.
   *
   * @param data what else the program wants to keep, such as a name: JSON
   * @throws InvalidInputError if the tokens or the data are invalid
   */
  save(
    tokens: TokenResponse,
    ...data: undefined extends Data ? [data?: Data] : [data: Data]
  ): Promise<void>;
  /**
   * Returns an access token that is valid for a while, or undefined if nobody is logged in.
   *
   * A token that is about to expire is refreshed, by one process at a time. The new tokens are
   * stored before anyone receives them, and the other processes use them too. While the current
   * token is valid, a failed refresh is ignored.
   *
   * @throws what `refresh` throws, if the current token is not valid any more; RefreshFailedError
   *   if the response contains no valid tokens or comes too late
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string | undefined>;
  /**
   * Returns the state of the login without any token, or undefined if nobody is logged in. An
   * expired login is reported once.
   */
  status(): Promise<LoginStatus<Data> | undefined>;
  /**
   * Removes the login. Returns its tokens, so that the program can revoke them at the server, or
   * undefined if nobody was logged in.
   */
  logout(): Promise<EndedLogin | undefined>;
}

/** Options of {@link SingleLogin.getAccessToken}. */
export interface GetAccessTokenOptions {
  /**
   * A token of this login that the server refused although it had not expired. Another one is
   * returned. Several calls with the same token cause one refresh.
   */
  readonly refused?: string | undefined;
}

const optionNames: OptionNames<SingleLoginOptions> = {
  app: 1,
  folder: 1,
  clock: 1,
  staleAfter: 1,
  lockTimeout: 1,
  refresh: 1,
  id: 1,
  refreshAhead: 1,
  refreshTimeout: 1,
  defaultLifetime: 1,
};

/**
 * Creates the login of a command-line program: it keeps the tokens in a file and refreshes them.
 *
 * @example
 * ```ts
 * const login = createSingleLogin({
 *   app: 'acme', // ~/.config/acme/sessions/login.json
 *   refresh: refreshAt('https://api.example.com/refresh'),
 * });
 * await login.save(tokens); // the response of the login route
 * const accessToken = await login.getAccessToken(); // undefined: nobody is logged in
 * ```
 *
 * @throws ConfigurationError if an option is missing or invalid
 */
export const createSingleLogin = <Data = undefined>(
  options: SingleLoginOptions,
): SingleLogin<Data> => {
  const { id = 'login', clock = systemClock } = options;
  const { refreshAhead = 30_000, refreshTimeout = 30_000 } = options;
  const { defaultLifetime = 30 * 86_400_000 } = options;
  assertOptions(options, optionNames);
  const { app, folder, staleAfter, lockTimeout } = options;
  const records = createRecordFolder({ app, folder, clock, staleAfter, lockTimeout });
  const path = records.pathOf(id);
  if (typeof options.refresh !== 'function') {
    throw new ConfigurationError('refresh', 'must be a function');
  }
  if (!(refreshAhead >= 0)) throw new ConfigurationError('refreshAhead', 'must be 0 or more');
  if (!(refreshTimeout >= 1 && refreshTimeout < 2 ** 31)) {
    throw new ConfigurationError('refreshTimeout', 'must be between 1 and 2,147,483,647 ms');
  }
  if (!(defaultLifetime >= 1_000)) {
    throw new ConfigurationError('defaultLifetime', 'must be at least 1,000 ms, or Infinity');
  }
  const settings: RefreshSettings = {
    records,
    id,
    clock,
    refreshAhead,
    refreshTimeout,
    defaultLifetime,
    refresh: options.refresh,
  };
  return {
    records,
    path,
    save: async (tokens, ...[data]) => {
      const stored = toStoredTokens(tokens, clock(), data);
      await records.set(id, stored, endOfLogin(stored, defaultLifetime));
      // The login is stored. What this cleanup cannot remove, the next one will.
      await records.cleanup().catch(() => {});
    },
    getAccessToken: ({ refused } = {}) => currentAccessToken(settings, refused),
    status: async () => {
      const found = await records.get<StoredTokens<Data>>(id);
      if (found?.kind !== 'live') return found;
      const { data, accessTokenExpiresAt } = found.value;
      return { kind: 'live', data, accessTokenExpiresAt };
    },
    logout: () => deleteLogin(records, id),
  };
};
