import type { AnyPawlError } from '@pawl/core';
import type { EventDraft } from '@pawl/core/internal';
import type { CsrfRefusal } from './csrf/verdict.ts';
import type { DpopRefusal } from './dpop/dpop-error.ts';
import type { HttpError } from './http-error.ts';

/** An event for a security log, beside the events of the core. It contains no secret. */
export type HttpEvent = {
  /** In ms since the epoch. */
  readonly at: number;
} & (
  | {
      /** A request that relied on a cookie came from another site, or did not say where from. */
      readonly type: 'csrf.refused';
      readonly reason: CsrfRefusal;
      readonly method: string;
    }
  | {
      /** A proof of possession was invalid. `nonce` and `iat` happen to honest clients. */
      readonly type: 'dpop.refused';
      readonly reason: DpopRefusal;
    }
  | {
      /**
       * Two cookies of one name: a planted cookie (cookie tossing), or two deployments share it.
       */
      readonly type: 'cookie.duplicated';
      readonly cookie: string;
    }
  | {
      /** A client sent too many requests and got 429. */
      readonly type: 'rate.limited';
      /** The name of the limit: of a route, or your own. */
      readonly route: string;
      /** An IPv4 address, an IPv6 network, or `unknown`. */
      readonly client: string;
    }
  | {
      /**
       * A limit has met a client without a known address, told once per limit: all of them share one
       * bucket. The server does not show its peer, or the binding does not know where it does.
       */
      readonly type: 'address.unknown';
      /** The name of the limit. */
      readonly route: string;
    }
  | {
      /** A request got a 5xx response because of this error, for example a failed store. */
      readonly type: 'request.failed';
      readonly error: AnyPawlError | HttpError;
    }
);

/**
 * Called for every event. What it throws, and a promise of it that rejects, are logged with
 * `console.error` and otherwise ignored. Nothing waits for the promise.
 */
export type HttpEventListener = (event: HttpEvent) => unknown;

/** An event before it is dated. */
export type HttpEventDraft = EventDraft<HttpEvent>;
