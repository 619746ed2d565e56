import type { Auth, SessionInput } from '@pawl/core';
import type { IDToken } from 'openid-client';
import type { BffData } from './sealing/upstream-session.ts';

/** A login that the provider has vouched for, before there is a session. */
export interface BffLogin {
  readonly userId: string;
  /** The claims of the ID token, checked. */
  readonly idToken: IDToken;
}

/** What the application makes of a login. Everything may be left out. */
export type LoginResult<Claims, Data> = Pick<
  SessionInput<Claims, Data>,
  'claims' | 'organizationId' | 'device'
> & { readonly data?: Data };

/** What hooks are told of after it has happened. */
export interface Notifications {
  readonly refreshed: {
    readonly sessionId: string;
    /** Of the new upstream token, in ms since the epoch. */
    readonly expiresAt: number | null;
  };
  readonly loggedOut: {
    readonly sessionId: string;
    /** `logout`, `backchannel_logout`, `upstream_refused`, `upstream_expired` … */
    readonly reason: string;
  };
}

/** Where an application takes part. */
export interface BffHooks<Claims, Data> {
  /** Before a session is stored. What it throws aborts the login, and goes to the error handler. */
  created?(login: BffLogin): LoginResult<Claims, Data> | Promise<LoginResult<Claims, Data>>;
  /** When a guard has let a request through; throw an error of Pawl's to refuse it. */
  loaded?(auth: Auth<Claims, BffData<Data>>): void | Promise<void>;
  /** After new upstream tokens were stored. */
  refreshed?(about: Notifications['refreshed']): void | Promise<void>;
  /** After a session has ended here: by its user, or by the provider. */
  loggedOut?(about: Notifications['loggedOut']): void | Promise<void>;
}
