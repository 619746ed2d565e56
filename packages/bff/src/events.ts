/** What a BFF has to tell a security log, beside the core and HTTP. Nothing in it is a secret. */
export type BffEvent = {
  /** In ms since the epoch. */
  readonly at: number;
} & (
  | {
      readonly type: 'upstream.refreshed';
      /** A keyed hash of the session id. */
      readonly sessionRef: string;
    }
  | {
      /** The provider did not do what it was asked for. The session stays. */
      readonly type: 'upstream.failed';
      readonly during: 'discovery' | 'login' | 'refresh' | 'revocation' | 'logout';
      /** An OAuth error code, or one word of the library's. */
      readonly reason: string;
      readonly sessionRef?: string;
    }
  | {
      readonly type: 'login.failed';
      /** `state` unknown, used or another browser's; else what the provider said. */
      readonly reason: string;
    }
  | { readonly type: 'logout_token.refused'; readonly reason: string }
  | { readonly type: 'hook.failed'; readonly hook: string; readonly error: unknown }
  | { readonly type: 'background.failed'; readonly task: 'reseal'; readonly error: unknown }
);

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

/** An event before it is dated. */
export type BffEventDraft = WithoutTime<BffEvent>;
