import type { AccessTokenFormat } from '../access-token/format.ts';
import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { PawlEventListener } from '../events.ts';
import type { RootSecret } from '../keys/key-ring.ts';
import type { Optional } from '../optional.ts';
import type { RandomBytes } from '../random.ts';
import type { BlocklistStore } from '../store/blocklist-store.ts';
import type { SessionLimit, SessionStore } from '../store/session-store.ts';
import type { Preset, SessionTimes } from './presets.ts';
import type { SessionInfo } from './session-info.ts';

/**
 * How sure a check has to be that an access token's session was not revoked:
 * - `session`: the session record is read (nothing revoked is ever accepted);
 * - `blocklist`: the blocklist is asked for the token's and the session's id;
 * - `none`: signature and expiry only; a revocation takes effect when the token expires,
 *   and only the next refresh confirms a rotation.
 */
export type RevocationCheck = 'session' | 'blocklist' | 'none';

/** All of them: a check that nobody knows must not pass for a loose one. */
export const revocationChecks: readonly RevocationCheck[] = ['session', 'blocklist', 'none'];

/** What the application decides before a refresh token is consumed. */
export interface RefreshAuthorization<Claims, Data> {
  readonly session: SessionInfo<Claims, Data>;
  /** What the caller of `refresh` passed on: a client id, a proof's thumbprint … */
  readonly context: unknown;
}

/** Everything that {@link createSessions} can be told. Only `store` and `secrets` are needed. */
export interface SessionsOptions<Claims, Data> extends Optional<SessionTimes> {
  /** An adapter's store, or anything with its `sessions` part. */
  readonly store: { readonly sessions: SessionStore };
  /** The root secrets, newest first; see {@link RootSecret} for their roll-over. */
  readonly secrets: readonly RootSecret[];
  /** Which times to start from. Default `default`. */
  readonly preset?: Preset | undefined;
  /** Default {@link opaqueAccessTokens}. */
  readonly accessToken?: AccessTokenFormat | undefined;
  /** Default `session`. Opaque tokens know nothing else. */
  readonly revocationCheck?: RevocationCheck | undefined;
  /**
   * In ms: how old the record may be that a `session` check consults. Default 0:
   * every check reads the store. Above 0 a node answers from what it read a
   * moment ago; where the store has a feed of revocations it forgets a session
   * the moment that it ends anywhere, and asks the store while the feed is broken.
   */
  readonly maxStaleness?: number | undefined;
  /**
   * An adapter's store, or anything with its `blocklist` part. Required where `revocationCheck`
   * is `blocklist`, here or in a single call. Every revocation then lists the session's id there.
   */
  readonly blocklist?: { readonly blocklist: BlocklistStore } | undefined;
  /** How many live sessions a user may have. Default: any number. */
  readonly limit?: SessionLimit | undefined;
  /** In ms: how often `lastActiveAt` is written at most. Default 60,000, or idleTimeout / 4. */
  readonly touchInterval?: number | undefined;
  /**
   * Asked before a refresh token is consumed. Throw `RefreshRefusedError` to
   * refuse; any other error refuses too, and passes through. Costs one more read
   * of the store per refresh.
   */
  readonly authorizeRefresh?:
    | ((request: RefreshAuthorization<Claims, Data>) => void | Promise<void>)
    | undefined;
  /** Hears of everything that is worth a line in a security log. */
  readonly onEvent?: PawlEventListener | undefined;
  /** What refresh tokens begin with. Default `pawl_rt_`. */
  readonly refreshTokenPrefix?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: RandomBytes | undefined;
  readonly crypto?: CryptoProvider | undefined;
}
