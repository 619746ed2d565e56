import type { Clock, Sessions } from '@pawl/core';
import type { EventDraft } from '@pawl/core/internal';
import type { LeaseStore, SingleUseStore } from '@pawl/core/store';
import type { CookieAttributes, HttpSettings } from '@pawl/http/extension';
import type { BffEvent } from './events.ts';
import type { BffHooks, HookNotifications } from './hooks.ts';
import type { Provider } from './provider/configured-provider.ts';
import type { ProviderAccess } from './provider/provider.ts';
import type { Sealer } from './sealing/sealer.ts';
import type { BffData } from './sealing/upstream-session.ts';

/** The validated options of a BFF, and the parts that its routes share. */
export interface BffSettings<Claims, Data> {
  readonly http: HttpSettings<Claims, BffData<Data>>;
  readonly sessions: Sessions<Claims, BffData<Data>>;
  readonly provider: ProviderAccess;
  readonly sealer: Sealer;
  readonly leases: LeaseStore;
  readonly singleUse: SingleUseStore;
  readonly hooks: Pick<BffHooks<Claims, Data>, 'onLogin'>;
  readonly login: LoginSettings;
  readonly requiredHeader: string;
  readonly clock: Clock;
  /** In ms: how long before it expires an upstream token is refreshed. */
  readonly refreshAhead: number;
  /** In ms: how long the lease of a node that died keeps others from refreshing. */
  readonly leaseTtl: number;
  /** In ms: how long a request waits for a token that it needs. */
  readonly maxWait: number;
  /** In ms: the maximum lifetime of a session. */
  readonly absoluteTimeout: number;
  /** In ms. */
  readonly idleTimeout: number;
  /** Returns the provider. @throws HttpError `ERR_UPSTREAM_UNAVAILABLE` */
  readonly requireProvider: (during: 'login' | 'logout') => Promise<Provider>;
  readonly emit: (event: EventDraft<BffEvent>) => void;
  /** Calls a hook after the fact. If the hook throws, that becomes an event. */
  readonly notify: <Name extends keyof HookNotifications>(
    name: Name,
    notification: HookNotifications[Name],
  ) => Promise<void>;
  /** Revokes a session, and calls the `onLogout` hook. @throws StoreUnavailableError */
  readonly endSession: (sessionId: string, reason: string) => Promise<void>;
}

/** Settings for code that does not depend on the types of claims and data. */
export type AnyBffSettings = BffSettings<unknown, unknown>;

/** How users are sent to the provider and come back. */
export interface LoginSettings {
  readonly origin: string;
  /** The complete URL of the callback. */
  readonly redirectUri: string;
  readonly scope: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly dpop: boolean;
  /** Where the browser is sent if a login fails: a complete URL. */
  readonly failurePath: string;
  /** The cookie that names the session of the browser's last login, and authenticates nobody. */
  readonly browserCookie: CookieAttributes;
  readonly postLogoutRedirectUri: string;
  readonly sendIdTokenHint: boolean;
  readonly userIdOf: (sub: string) => string;
}
