import type { AnyPawlError } from '@pawl/core';
import type { EventDraft } from '@pawl/core/internal';
import type { CsrfRefusal } from './csrf/verdict.ts';
import type { DpopRefusal } from './dpop/dpop-error.ts';
import type { HttpError } from './http-error.ts';

/** What HTTP has to tell a security log, beside the events of the core. Nothing in it is a secret. */
export type HttpEvent = {
  /** In ms since the epoch. */
  readonly at: number;
} & (
  | { readonly type: 'csrf.refused'; readonly reason: CsrfRefusal; readonly method: string }
  | {
      /** A proof of possession that did not hold; `nonce` and `iat` happen to honest clients. */
      readonly type: 'dpop.refused';
      readonly reason: DpopRefusal;
    }
  | {
      /** Someone planted a cookie (cookie tossing), or two deployments share a name. */
      readonly type: 'cookie.duplicated';
      readonly cookie: string;
    }
  | {
      readonly type: 'rate.limited';
      /** The name of the limit: of a route, or the application's own. */
      readonly route: string;
      /** An IPv4 address, an IPv6 network, or `unknown`. */
      readonly client: string;
    }
  | {
      /** Answered with 5xx: the store failed. */
      readonly type: 'request.failed';
      readonly error: AnyPawlError | HttpError;
    }
);

/**
 * Called for every event. What it throws, and a promise of it that rejects, are logged with
 * `console.error` and otherwise ignored. Nothing waits for the promise.
 */
export type HttpEventListener = (event: HttpEvent) => void;

/** An event before it is dated. */
export type HttpEventDraft = EventDraft<HttpEvent>;
