import { sessionRef } from '../emitter.ts';
import type { JsonWebKeySet } from '../jwt/jwks.ts';
import type { Optional } from '../optional.ts';
import type { RevokeOutcome } from '../store/session-store.ts';
import type { Authentication } from './attributes.ts';
import type { Auth } from './auth.ts';
import { createSession, type SessionInput } from './create.ts';
import { createSessionSettings } from './create-settings.ts';
import { type SessionUpdate, updateSession } from './data.ts';
import { elevateSession } from './elevate.ts';
import type { IssuedTokens } from './issue.ts';
import { type ListSessionsOptions, listSessions } from './list.ts';
import { findLive } from './live-record.ts';
import type { RevocationCheck, SessionsOptions } from './options.ts';
import { type RefreshOptions, refreshSession } from './refresh.ts';
import {
  type RevokeAllOptions,
  type RevokeByTokenOptions,
  type RevokeOptions,
  revokeAll,
  revokeByToken,
  revokeSession,
} from './revoke.ts';
import { type ListedSession, type SessionInfo, sessionInfo } from './session-info.ts';
import { type VerifyOptions, verifyAccessToken } from './verify.ts';

/** The check that a call of `verify` makes: its own option where that is given, else the configured one. */
type CheckOf<Options, Configured extends RevocationCheck> = Options extends {
  readonly revocationCheck?: infer Own;
}
  ? Or<Own, Configured>
  : Configured;

type Or<Own, Configured> = Own extends RevocationCheck ? Own : Configured;

/**
 * Sessions of one deployment. Every method may be called from any number of nodes at once.
 * `Check` is the configured `revocationCheck`: it decides what of an `Auth` may be null.
 */
export interface Sessions<Claims, Data, Check extends RevocationCheck = RevocationCheck> {
  /** Begins a session for a user whom the application has authenticated. See {@link createSession}. */
  create(request: SessionInput<Claims, Data>): Promise<IssuedTokens>;
  /** Checks an access token. See {@link verifyAccessToken}. */
  verify(accessToken: string): Promise<Auth<Claims, Data, Check>>;
  verify<Options extends VerifyOptions | undefined>(
    accessToken: string,
    options: Options,
  ): Promise<Auth<Claims, Data, CheckOf<Options, Check>>>;
  /** Exchanges a refresh token for the next pair. See {@link refreshSession}. */
  refresh(refreshToken: string, options?: RefreshOptions): Promise<IssuedTokens>;
  /** Reads one live session. @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError */
  get(sessionId: string): Promise<SessionInfo<Claims, Data>>;
  /** A user's live sessions, newest first. */
  list(userId: string, options?: ListSessionsOptions): Promise<ListedSession<Claims, Data>[]>;
  /** Ends one session. */
  revoke(sessionId: string, options?: RevokeOptions): Promise<RevokeOutcome>;
  /** Ends the session of any of its tokens, expired ones too. See {@link revokeByToken}. */
  revokeByToken(token: string, options?: RevokeByTokenOptions): Promise<RevokeOutcome>;
  /** Ends all sessions of a user and answers how many. */
  revokeAll(userId: string, options?: RevokeAllOptions): Promise<number>;
  /** Ends all sessions of a user but one and answers how many. */
  revokeOthers(userId: string, sessionId: string, options?: RevokeAllOptions): Promise<number>;
  /** Ends a user's sessions on one device and answers how many. */
  revokeByDevice(userId: string, deviceId: string, options?: RevokeAllOptions): Promise<number>;
  /** Changes data and claims, without losing another writer's change. See {@link updateSession}. */
  update(
    sessionId: string,
    change: (session: SessionInfo<Claims, Data>) => SessionUpdate<Claims, Data>,
  ): Promise<SessionInfo<Claims, Data>>;
  /** Notes a step-up and replaces the session's credentials. See {@link elevateSession}. */
  elevate(sessionId: string, authentication?: Optional<Authentication>): Promise<IssuedTokens>;
  /** The public keys of JWT access tokens, for `/.well-known/jwks.json`. */
  jwks(): Promise<JsonWebKeySet>;
  /** A keyed hash of a session id: what a log may carry. */
  ref(sessionId: string): string;
  /** Resolves when nothing runs beside the requests any more. */
  drain(): Promise<void>;
  /** For a graceful stop: unsubscribes from the store's feed, and waits until all is settled. */
  close(): Promise<void>;
}

/**
 * Creates the sessions of a deployment.
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
    create: (request) => createSession(settings, request),
    verify: ((accessToken: string, verifyOptions?: VerifyOptions) =>
      verifyAccessToken(settings, accessToken, verifyOptions)) as Sessions<Claims, Data>['verify'],
    refresh: (refreshToken, refreshOptions) =>
      refreshSession(settings, refreshToken, refreshOptions),
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
    jwks: () => settings.accessTokens.jwks(),
    ref: (sessionId) => sessionRef(sessionId, settings.keys),
    drain: () => settings.drain(),
    close: () => {
      settings.close();
      return settings.drain();
    },
  };
}
