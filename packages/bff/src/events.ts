/**
 * A security event of the BFF, for a log. It holds no token, cookie or other secret. Events of
 * the sessions and of HTTP reach the same `onEvent`.
 */
export type BffEvent = {
  /** When it happened, in ms since the epoch. */
  readonly at: number;
} & (
  | {
      /** New upstream tokens were obtained and stored. */
      readonly type: 'upstream.refreshed';
      /** A keyed hash of the session id. */
      readonly sessionRef: string;
    }
  | {
      /** A request to the provider failed. The session stays. */
      readonly type: 'upstream.failed';
      readonly during: 'discovery' | 'login' | 'refresh' | 'revocation' | 'logout';
      /** An OAuth error code, or an error code of `openid-client`. */
      readonly reason: string;
      readonly sessionRef?: string;
    }
  | {
      readonly type: 'login.failed';
      /** `state` if the state is unknown, used or from another browser; otherwise the provider's error. */
      readonly reason: string;
    }
  | {
      /** A back-channel logout was rejected because its token is invalid or was used before. */
      readonly type: 'logout_token.refused';
      readonly reason: string;
    }
  | {
      /** A hook that is called after the fact threw. Nothing else was affected. */
      readonly type: 'hook.failed';
      readonly hook: string;
      readonly error: unknown;
    }
  | { readonly type: 'background.failed'; readonly task: 'reseal'; readonly error: unknown }
);
