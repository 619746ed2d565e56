import type { AnyPawlError, Clock } from '@pawl/core';
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

/** Hears of events. It cannot change what happens: what it throws is reported and dropped. */
export type HttpEventListener = (event: HttpEvent) => void;

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

/** An event before it is dated. */
export type HttpEventDraft = WithoutTime<HttpEvent>;

/** Dates events and hands them to the listener. */
export const createHttpEmitter = (
  listener: HttpEventListener | undefined,
  clock: Clock,
): ((draft: HttpEventDraft) => void) => {
  if (!listener) return () => {};
  return (draft) => {
    try {
      listener({ ...draft, at: clock() } as HttpEvent);
    } catch (error) {
      console.error('pawl: an event listener threw', error);
    }
  };
};
