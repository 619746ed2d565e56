import type { Auth, SessionInput } from '@pawl/core';
import type { IDToken } from 'openid-client';
import type { OAuthUser } from './provider/plain-oauth.ts';
import type { BffData } from './sealing/upstream-session.ts';

/** A login that the provider has confirmed, before its session is created. */
export interface BffLogin {
  /** The user id that the session will have: `sub`, or what `userIdOf` made of it. */
  readonly userId: string;
  /** Who has logged in: the claims of the ID token, or what the option `user` returned. */
  readonly user: OAuthUser;
  /**
   * The verified claims of the ID token (OpenID Connect Core § 2); null if the provider has none, which
   * is so only with the option `endpoints`.
   */
  readonly idToken: IDToken | null;
}

/** What the `onLogin` hook adds to a new session. Every member is optional. */
export type BffLoginResult<Claims, Data> = Pick<
  SessionInput<Claims, Data>,
  'claims' | 'organizationId' | 'device'
> & {
  /** The application's session data. Default `{}`. */
  readonly data?: Data | undefined;
};

/** What the `onRefresh` hook receives. */
export interface BffRefreshNotification {
  readonly sessionId: string;
  /** When the new access token expires, in ms since the epoch; null if the provider does not say. */
  readonly expiresAt: number | null;
}

/** What the `onLogout` hook receives. */
export interface BffLogoutNotification {
  readonly sessionId: string;
  /** `logout`, `backchannel_logout`, `upstream_refused`, `upstream_expired` or `upstream_too_large`. */
  readonly reason: string;
}

/** The hooks that are called after the fact, with what they receive. */
export interface HookNotifications {
  readonly onRefresh: BffRefreshNotification;
  readonly onLogout: BffLogoutNotification;
}

/** Callbacks of the application. All are optional, and all may be asynchronous. */
export interface BffHooks<Claims, Data> {
  /**
   * Called when the provider has confirmed a login, before the session is stored. Returns what
   * the session holds. If it throws, the login is aborted and the error goes to the error handler.
   */
  readonly onLogin?:
    | ((login: BffLogin) => BffLoginResult<Claims, Data> | Promise<BffLoginResult<Claims, Data>>)
    | undefined;
  /**
   * Called whenever a guard has authenticated a request, before the guard's own `allow`. Throw
   * an error of Pawl to refuse the request.
   */
  readonly onRequest?: ((auth: Auth<Claims, BffData<Data>>) => void | Promise<void>) | undefined;
  /** Called after new upstream tokens were stored. Errors become `hook.failed` events. */
  readonly onRefresh?: ((notification: BffRefreshNotification) => void | Promise<void>) | undefined;
  /**
   * Called after the user, the provider or a refused refresh ended a session. Errors become
   * `hook.failed` events.
   */
  readonly onLogout?: ((notification: BffLogoutNotification) => void | Promise<void>) | undefined;
}
