import { sessionRef } from '../emitter.ts';
import type { JsonWebKeySet } from '../jwt/jwks.ts';
import type { Optional } from '../optional.ts';
import type { RevokeOutcome } from '../store/session-store.ts';
import { settingsWithin } from '../transaction/settings-within.ts';
import type { Authentication } from './attributes.ts';
import type { Auth } from './auth.ts';
import { createSession, type SessionInput } from './create.ts';
import { createSessionSettings } from './create-settings.ts';
import { type SessionUpdate, updateSession } from './data.ts';
import { elevateSession } from './elevate.ts';
import { identifyToken, type TokenIdentity } from './identify.ts';
import type { IssuedTokens } from './issue.ts';
import { type ListSessionsOptions, listSessions } from './list.ts';
import { findLive } from './live-record.ts';
import type { RevocationCheck, SessionsOptions } from './options.ts';
import type { SessionTimes } from './presets.ts';
import { type RefreshOptions, refreshSession } from './refresh.ts';
import { type ResumedSession, type ResumeOptions, resumeSession } from './resume/resume.ts';
import {
  type RevokeAllOptions,
  type RevokeByTokenOptions,
  type RevokeOptions,
  revokeAll,
  revokeByToken,
  revokeSession,
} from './revoke.ts';
import { type ListedSession, type SessionInfo, sessionInfo } from './session-info.ts';
import type { SessionSettings } from './settings.ts';
import { type CheckOf, type VerifyOptions, verifyAccessToken } from './verify.ts';

/**
 * Sessions of one deployment. Every method may be called from any number of nodes at once.
 * `Check` is the configured `revocationCheck`: it decides what of an `Auth` may be null.
 */
export interface Sessions<Claims, Data, Check extends RevocationCheck = RevocationCheck> {
  /**
   * Creates a session for a user whom the application has authenticated, and returns its tokens.
   *
   * @example
   * ```ts
   * const tokens = await sessions.create({ userId: 'ada', claims: { admin: true } });
   * ```
   *
   * @throws InvalidInputError, SessionLimitError, StoreFullError, StoreUnavailableError
   */
  create(request: SessionInput<Claims, Data>): Promise<IssuedTokens>;
  /**
   * Verifies an access token and returns who presents it. A malformed or forged token costs no store
   * call.
   *
   * @example
   * ```ts
   * const { userId, claims } = await sessions.verify(accessToken);
   * ```
   *
   * @throws InvalidInputError, TokenInvalidError, TokenExpiredError, TokenRevokedError,
   *   SessionNotFoundError, SessionRevokedError, SessionExpiredError, StoreRegressionError,
   *   StoreRecordError, StoreUnavailableError
   */
  verify(accessToken: string): Promise<Auth<Claims, Data, Check>>;
  verify<Options extends VerifyOptions | undefined>(
    accessToken: string,
    options: Options,
  ): Promise<Auth<Claims, Data, CheckOf<Options, Check>>>;
  /**
   * Exchanges a refresh token for the next pair of tokens, by the protocol of `docs/rotation.md`. A
   * retry, a second tab and a lost reply get the same pair; a refused refresh consumes nothing.
   *
   * @example
   * ```ts
   * const next = await sessions.refresh(refreshToken);
   * ```
   *
   * @throws TokenInvalidError, TokenExpiredError, RefreshRefusedError, RefreshRetryError,
   *   ReuseDetectedError, SessionNotFoundError, SessionRevokedError, SessionExpiredError,
   *   StoreRegressionError, StoreRecordError, StoreUnavailableError (the token still works)
   */
  refresh(refreshToken: string, options?: RefreshOptions): Promise<IssuedTokens>;
  /**
   * Checks the session token of a cookie, and returns the next one if it is time to rotate the token
   * or if the response to an earlier rotation was lost. The response must set it as the cookie.
   *
   * @example
   * ```ts
   * const { auth, renewed } = await sessions.resume(cookie, { canRenew: true });
   * if (renewed) setCookie(renewed.refreshToken, renewed.refreshTokenExpiresAt);
   * ```
   *
   * @throws TokenInvalidError, TokenExpiredError, RefreshRefusedError, RefreshRetryError (the client
   *   has a newer token and must use it), ReuseDetectedError, SessionNotFoundError,
   *   SessionRevokedError, SessionExpiredError, StoreRegressionError, StoreRecordError,
   *   StoreUnavailableError
   */
  resume(token: string, options?: ResumeOptions): Promise<ResumedSession<Claims, Data>>;
  /**
   * Returns one live session.
   * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError, StoreRecordError,
   *   StoreUnavailableError
   */
  get(sessionId: string): Promise<SessionInfo<Claims, Data>>;
  /**
   * Returns a page of a user's live sessions, newest first.
   *
   * @example
   * ```ts
   * const page = await sessions.list(userId, { limit: 20 });
   * const next = await sessions.list(userId, { limit: 20, after: page.at(-1) });
   * ```
   *
   * @throws InvalidInputError, StoreRecordError, StoreUnavailableError
   */
  list(userId: string, options?: ListSessionsOptions): Promise<ListedSession<Claims, Data>[]>;
  /**
   * Ends one session. It may be ended twice: the first reason stays.
   *
   * @example
   * ```ts
   * await sessions.revoke(sessionId, { userId, reason: 'logout' });
   * ```
   *
   * @throws InvalidInputError, StoreUnavailableError
   */
  revoke(sessionId: string, options?: RevokeOptions): Promise<RevokeOutcome>;
  /**
   * Ends the session that an access or refresh token belongs to; expired tokens are accepted.
   * @throws InvalidInputError, TokenInvalidError, StoreUnavailableError
   */
  revokeByToken(token: string, options?: RevokeByTokenOptions): Promise<RevokeOutcome>;
  /**
   * Ends all sessions of a user and returns how many.
   * @throws InvalidInputError, StoreUnavailableError
   */
  revokeAll(userId: string, options?: RevokeAllOptions): Promise<number>;
  /**
   * Ends all sessions of a user except one and returns how many.
   * @throws InvalidInputError, StoreUnavailableError
   */
  revokeOthers(userId: string, sessionId: string, options?: RevokeAllOptions): Promise<number>;
  /**
   * Ends a user's sessions on one device (`device.id`) and returns how many.
   * @throws InvalidInputError, StoreUnavailableError
   */
  revokeByDevice(userId: string, deviceId: string, options?: RevokeAllOptions): Promise<number>;
  /**
   * Changes a session's claims and data without losing the change of another writer: `change` is
   * called again with the newer session if there was one. It must be synchronous and free of side
   * effects. New claims are in the next access token.
   *
   * @example
   * ```ts
   * await sessions.update(sessionId, ({ data }) => ({ data: { ...data, theme: 'dark' } }));
   * ```
   *
   * @throws InvalidInputError, SessionNotFoundError, SessionRevokedError, SessionExpiredError,
   *   SessionConflictError, StoreRecordError, StoreUnavailableError
   */
  update(
    sessionId: string,
    change: (session: SessionInfo<Claims, Data>) => SessionUpdate<Claims, Data>,
  ): Promise<SessionInfo<Claims, Data>>;
  /**
   * Records that the user has authenticated again or more strongly (step-up, RFC 9470), and replaces
   * all credentials of the session. The session keeps its id.
   *
   * @example
   * ```ts
   * const tokens = await sessions.elevate(sessionId, { acr: 'aal2', amr: ['pwd', 'otp'] });
   * ```
   *
   * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError, SessionConflictError,
   *   StoreRecordError, StoreUnavailableError
   */
  elevate(sessionId: string, authentication?: Optional<Authentication>): Promise<IssuedTokens>;
  /**
   * Returns which session a token belongs to, without a store call, or null for a token that was
   * not issued here or has no session. The token may have expired, and its session may have ended:
   * it authenticates nobody.
   *
   * @example
   * ```ts
   * const { sessionId } = (await sessions.identify(token)) ?? {};
   * ```
   */
  identify(token: string): Promise<TokenIdentity | null>;
  /**
   * Returns the methods that write within a transaction of the application. Events follow its commit, and
   * are dropped if it rolls back. Entries of a `blocklist` in the same store belong to the transaction;
   * those of another store follow the commit. If the process dies in between, these are lost: access
   * tokens of the ended sessions stay valid until they expire.
   *
   * @throws ConfigurationError if the store has no transactions, as that of `@pawl/kysely` has
   */
  within(transaction: unknown): SessionsWithin<Claims, Data>;
  /** The configured times in ms: those of the preset, overridden by the application's own. */
  readonly times: SessionTimes;
  /** Returns the public keys of JWT access tokens, for `/.well-known/jwks.json` (RFC 7517 § 5). */
  jwks(): Promise<JsonWebKeySet>;
  /** Returns a keyed hash of a session id, which logs may contain. */
  ref(sessionId: string): string;
  /** Resolves when no background write (of `lastActiveAt`) is running any more, or after 30 s. */
  drain(): Promise<void>;
  /** For a graceful shutdown: unsubscribes from the store's feed and waits for background writes. */
  close(): Promise<void>;
}

/** The methods of {@link Sessions} that make sense within a transaction. */
export type SessionsWithin<Claims, Data> = Pick<
  Sessions<Claims, Data>,
  | 'create'
  | 'get'
  | 'list'
  | 'revoke'
  | 'revokeByToken'
  | 'revokeAll'
  | 'revokeOthers'
  | 'revokeByDevice'
  | 'update'
  | 'elevate'
>;

/**
 * Creates the sessions of a deployment.
 *
 * @example
 * ```ts
 * const sessions = createSessions({ store, secrets: [process.env.PAWL_SECRET] });
 * const tokens = await sessions.create({ userId: 'ada' });
 * const { userId } = await sessions.verify(tokens.accessToken);
 * const next = await sessions.refresh(tokens.refreshToken);
 * await sessions.revoke(tokens.sessionId, { reason: 'logout' });
 * ```
 *
 * @throws ConfigurationError, naming the option that is missing or contradicts another.
 */
export function createSessions<
  Claims extends object = Record<string, unknown>,
  Data extends object = Record<string, unknown>,
>(
  options: SessionsOptions<Claims, Data> & { readonly revocationCheck?: 'session' | undefined },
): Sessions<Claims, Data, 'session'>;
export function createSessions<
  Claims extends object = Record<string, unknown>,
  Data extends object = Record<string, unknown>,
>(
  options: SessionsOptions<Claims, Data> & { readonly revocationCheck: 'blocklist' },
): Sessions<Claims, Data, 'blocklist'>;
export function createSessions<
  Claims extends object = Record<string, unknown>,
  Data extends object = Record<string, unknown>,
>(
  options: SessionsOptions<Claims, Data> & { readonly revocationCheck: 'none' },
): Sessions<Claims, Data, 'none'>;
export function createSessions<
  Claims extends object = Record<string, unknown>,
  Data extends object = Record<string, unknown>,
>(options: SessionsOptions<Claims, Data>): Sessions<Claims, Data>;
export function createSessions<Claims extends object, Data extends object>(
  options: SessionsOptions<Claims, Data>,
): Sessions<Claims, Data> {
  const settings = createSessionSettings(options);
  return {
    ...methodsWithin(settings),
    verify: ((accessToken: string, verifyOptions?: VerifyOptions) =>
      verifyAccessToken(settings, accessToken, verifyOptions)) as Sessions<Claims, Data>['verify'],
    refresh: (refreshToken, refreshOptions) =>
      refreshSession(settings, refreshToken, refreshOptions),
    resume: (token, resumeOptions) => resumeSession(settings, token, resumeOptions),
    identify: (token) => identifyToken(settings, token),
    within: (transaction) => methodsWithin(settingsWithin(settings, options, transaction)),
    times: settings.times,
    jwks: () => settings.accessTokens.jwks(),
    ref: (sessionId) => sessionRef(sessionId, settings.keys),
    drain: () => settings.background.drain(),
    close: () => {
      settings.close();
      return settings.background.drain();
    },
  };
}

const methodsWithin = <Claims extends object, Data extends object>(
  settings: SessionSettings<Claims, Data>,
): SessionsWithin<Claims, Data> => ({
  create: (request) => createSession(settings, request),
  get: async (sessionId) => sessionInfo((await findLive(settings, sessionId)).record),
  list: (userId, listOptions) => listSessions(settings, userId, listOptions),
  revoke: (sessionId, revokeOptions) => revokeSession(settings, sessionId, revokeOptions),
  revokeByToken: (token, revokeOptions) => revokeByToken(settings, token, revokeOptions),
  revokeAll: (userId, revokeOptions) => revokeAll(settings, userId, revokeOptions),
  revokeOthers: (userId, exceptSessionId, revokeOptions) =>
    revokeAll(settings, userId, revokeOptions, { exceptSessionId }),
  revokeByDevice: (userId, deviceId, revokeOptions) =>
    revokeAll(settings, userId, revokeOptions, { deviceId }),
  update: (sessionId, change) => updateSession(settings, sessionId, change),
  elevate: (sessionId, authentication) => elevateSession(settings, sessionId, authentication),
});
