import type { Auth, Authentication, SessionInput } from '@pawl/core';
import type { Delivery, GuardOptions, TokenBody } from '@pawl/http';
import type { LimitName } from './limits.ts';

/** What the session or the API key of a request stands for. */
export type DemoAuth = Auth<Record<string, unknown>, Record<string, unknown>>;
export type Guard = GuardOptions<Record<string, unknown>, Record<string, unknown>>;

/** One request, as a route sees it, in any framework. */
export interface Call {
  /** `HEAD` asks for what a `GET` would answer, without its body. */
  readonly method: string;
  /** By its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Decoded from the path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The JSON body; undefined where it is none. */
  readonly json: () => Promise<unknown>;
  /** What the framework's binding of Pawl does for this request. What it refuses, it throws. */
  readonly checkOrigin: () => Promise<void>;
  readonly login: (
    session: SessionInput<Record<string, unknown>, Record<string, unknown>>,
    deliver: Delivery,
  ) => Promise<TokenBody>;
  readonly elevate: (
    sessionId: string,
    authentication: Partial<Authentication>,
  ) => Promise<TokenBody>;
  readonly logout: () => Promise<void>;
}

/** A request that has passed a guard. */
export interface GuardedCall extends Call {
  readonly auth: DemoAuth;
}

/** What a route answers: JSON, unless it is bytes or a stream with a type of their own. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly content?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A route for a framework to mount. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:id` for a parameter. */
  readonly path: string;
  /** What Pawl's guard is to demand before the route is asked; null: nothing. */
  readonly guard: Guard | null;
  /** The limit that the request counts against, before the guard; null: it is not counted. */
  readonly limit: LimitName | null;
  /** `auth` is null where there is no guard. */
  readonly handle: (call: Call, auth: DemoAuth | null) => Promise<Answer>;
}

type Method = Route['method'];

/** A route for everybody. */
export const open = (
  method: Method,
  path: string,
  handle: (call: Call) => Answer | Promise<Answer>,
): Route => ({ method, path, guard: null, limit: null, handle: async (call) => handle(call) });

/** A route behind a guard. */
export const guarded = (
  method: Method,
  path: string,
  guard: Guard,
  handle: (call: GuardedCall) => Answer | Promise<Answer>,
): Route => ({
  method,
  path,
  guard,
  limit: null,
  handle: async (call, auth) => {
    if (!auth) throw new Error(`${method} ${path} was mounted without its guard`);
    return handle({ ...call, auth });
  },
});

/** A route that a client may ask only so often. */
export const limited = (limit: LimitName, route: Route): Route => ({ ...route, limit });

export const ok = (json: unknown, status = 200): Answer => ({ status, json });
