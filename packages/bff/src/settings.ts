import type { Clock, Sessions } from '@pawl/core';
import type { SingleUseTokens } from '@pawl/core/single-use';
import type { LeaseStore, SingleUseStore } from '@pawl/core/store';
import type { HttpSettings } from '@pawl/http/extension';
import type { BffEventDraft } from './events.ts';
import type { BffHooks, Notifications } from './hooks.ts';
import type { Provider, ProviderAccess } from './provider/provider.ts';
import type { Sealer } from './sealing/sealer.ts';
import type { BffData } from './sealing/upstream-session.ts';

/** What everything here works with. */
export interface BffSettings<Claims, Data> {
  readonly http: HttpSettings<Claims, BffData<Data>>;
  readonly sessions: Sessions<Claims, BffData<Data>>;
  readonly provider: ProviderAccess;
  readonly sealer: Sealer;
  readonly leases: LeaseStore;
  readonly singleUse: SingleUseStore;
  readonly transactions: SingleUseTokens<SealedTransaction>;
  readonly hooks: BffHooks<Claims, Data>;
  readonly login: LoginSettings;
  readonly requiredHeader: string;
  readonly clock: Clock;
  /** In ms: how long before its expiry an upstream token is refreshed. */
  readonly refreshAhead: number;
  /** In ms: how long a node that died keeps others from refreshing. */
  readonly leaseTtl: number;
  /** In ms: how long a request waits for a token that it cannot do without. */
  readonly maxWait: number;
  /** In ms: the longest life of a session. */
  readonly absoluteTimeout: number;
  /** In ms. */
  readonly idleTimeout: number;
  /** The provider. @throws HttpError `ERR_UPSTREAM_UNAVAILABLE` */
  readonly known: (during: 'login' | 'logout') => Promise<Provider>;
  readonly emit: (event: BffEventDraft) => void;
  /** Tells a hook of what has happened. It cannot change it: what it throws is an event. */
  readonly notify: <Name extends keyof Notifications>(
    name: Name,
    about: Notifications[Name],
  ) => Promise<void>;
  /** Ends a session from this side of the provider, and tells of it. @throws StoreUnavailableError */
  readonly end: (sessionId: string, reason: string) => Promise<void>;
}

/** A login under way, as the store keeps it under its state. */
export interface SealedTransaction {
  readonly sealed: string;
}

/** How users are sent to the provider and come back. */
export interface LoginSettings {
  readonly origin: string;
  /** Complete. */
  readonly redirectUri: string;
  readonly scope: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly dpop: boolean;
  /** Where a user is led to whose login failed; null: the callback answers with an error. */
  readonly failurePath: string | null;
  readonly postLogoutRedirectUri: string;
  readonly sendIdTokenHint: boolean;
  readonly userIdOf: (sub: string) => string;
}
