import type { AccessTokenFormat } from '../access-token/format.ts';
import type { WaitUntil } from '../background.ts';
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
 * How a check of an access token finds out whether its session was revoked:
 * - `session`: it reads the session record, and accepts nothing that was revoked;
 * - `blocklist`: it asks the blocklist for the id of the token and of the session;
 * - `none`: it verifies signature and expiry only. A revocation takes effect when the token
 *   expires, and only the next refresh confirms a rotation.
 */
export type RevocationCheck = 'session' | 'blocklist' | 'none';

/** All revocation checks, to validate one at run time: an unknown one must not weaken a check. */
export const revocationChecks: readonly RevocationCheck[] = ['session', 'blocklist', 'none'];

/** What `authorizeRefresh` receives before a refresh token is consumed. */
export interface RefreshAuthorization<Claims, Data> {
  /** The session that is about to be refreshed. */
  readonly session: SessionInfo<Claims, Data>;
  /** The `context` option of the call of `refresh`: the request, a client id … */
  readonly context: unknown;
}

/** Options of `createSessions`. Only `store` and `secrets` are required. */
export interface SessionsOptions<Claims, Data> extends Optional<SessionTimes> {
  /** An adapter's store, or anything with its `sessions` part. */
  readonly store: { readonly sessions: SessionStore };
  /** The root secrets, newest first; see `RootStatus` for their roll-over. */
  readonly secrets: readonly RootSecret[];
  /** The set of times that the other options override; see `presets`. Default `default`. */
  readonly preset?: Preset | undefined;
  /** The format of access tokens. Default: `opaqueAccessTokens()`. */
  readonly accessToken?: AccessTokenFormat | undefined;
  /** How a check finds revoked sessions. Default `session`, which opaque tokens require. */
  readonly revocationCheck?: RevocationCheck | undefined;
  /**
   * In ms: how old the record may be that a `session` check uses. Default 0: every check reads the
   * store. Above 0, a node may use a record that it has read before. If the store has a feed of
   * revocations, the node drops a record as soon as the session ends on any node, and reads the
   * store while the feed is interrupted.
   */
  readonly maxStaleness?: number | undefined;
  /**
   * An adapter's store, or anything with its `blocklist` part. Required where `revocationCheck`
   * is `blocklist`, here or in a single call. Every revocation then lists the session's id there.
   */
  readonly blocklist?: { readonly blocklist: BlocklistStore } | undefined;
  /**
   * How many live sessions a user may have. Default: 100, and the next one ends the oldest. `none`
   * means that a user, or a program that logs in at every call, may create as many as it likes.
   */
  readonly limit?: SessionLimit | 'none' | undefined;
  /** In ms: `lastActiveAt` is written at most once per interval. Default: 60,000, or a quarter of
   * `idleTimeout` if that is less. */
  readonly touchInterval?: number | undefined;
  /**
   * Called before a refresh token is consumed. Throw `RefreshRefusedError` to refuse the refresh;
   * any other error refuses it too, and is passed to the caller. Costs one more store read per
   * refresh.
   */
  readonly authorizeRefresh?:
    | ((request: RefreshAuthorization<Claims, Data>) => void | Promise<void>)
    | undefined;
  /**
   * Receives every promise that outlives its call: a write of `lastActiveAt`, what `onEvent` returns.
   * Required in effect on serverless platforms, which stop when the response is sent. Default: none.
   */
  readonly waitUntil?: WaitUntil | undefined;
  /** Called for every security event. */
  readonly onEvent?: PawlEventListener | undefined;
  /** Prefix of refresh tokens. Default `pawl_rt_`. */
  readonly refreshTokenPrefix?: string | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Default: the runtime's generator. For tests only. */
  readonly random?: RandomBytes | undefined;
  /** Default: `node:crypto` on Node, Bun and Deno, else a SHA-256 in JavaScript. */
  readonly crypto?: CryptoProvider | undefined;
}
