import {
  type Auth,
  type Authentication,
  type SessionInput,
  SessionNotFoundError,
} from '@pawl/core';
import type { Delivery, GuardOptions, LoginResponse, TokenBody } from '@pawl/http';
import type { LimitName } from './limits.ts';

/** The verified session or API key of a request. */
export type DemoAuth = Auth<Record<string, unknown>, Record<string, unknown>>;
export type Guard = GuardOptions<Record<string, unknown>, Record<string, unknown>>;

/** A login: the session, and what the client receives of it. */
export interface LoginResult {
  readonly sessionId: string;
  readonly body: TokenBody;
}

/** Returns what the demo uses of the response to a login. */
export const toLoginResult = ({
  body,
  tokens: { sessionId },
}: Pick<LoginResponse, 'body' | 'tokens'>): LoginResult => {
  if (sessionId === null) throw new Error('the demo has sessions');
  return { body, sessionId };
};

/** One request, as a route sees it, in any framework. */
export interface Call {
  readonly method: string;
  /** Returns a header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The decoded parameters of the path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Returns the JSON body; undefined if it is not JSON. */
  readonly json: () => Promise<unknown>;
  /** Returns the fields of a form without files; undefined if the body is not a form. */
  readonly form: () => Promise<unknown>;
  /** This and the following call the framework's binding of Pawl. They throw if it refuses. */
  readonly assertOrigin: () => Promise<void>;
  readonly login: (
    session: SessionInput<Record<string, unknown>, Record<string, unknown>>,
    deliver: Delivery,
  ) => Promise<LoginResult>;
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

/** The response of a route: JSON, or content with its own type in the headers. */
export interface RouteResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly content?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A route for a framework to mount. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The path, with `:id` for a parameter. */
  readonly path: string;
  /** The options of Pawl's guard; null: no guard. */
  readonly guard: Guard | null;
  /** Whether the guard also accepts requests without a valid credential. */
  readonly isOptional: boolean;
  /** The rate limit, which is applied before the guard; null: no limit. */
  readonly limit: LimitName | null;
  /** `auth` is null without a guard, and for an anonymous caller. */
  readonly handle: (call: Call, auth: DemoAuth | null) => Promise<RouteResponse>;
}

type Method = Route['method'];

/** Creates a route without a guard. */
export const publicRoute = (
  method: Method,
  path: string,
  handle: (call: Call) => RouteResponse | Promise<RouteResponse>,
): Route => ({
  method,
  path,
  guard: null,
  isOptional: false,
  limit: null,
  handle: async (call) => handle(call),
});

/** Creates a route behind a guard. */
export const guardedRoute = (
  method: Method,
  path: string,
  guard: Guard,
  handle: (call: GuardedCall) => RouteResponse | Promise<RouteResponse>,
): Route => ({
  method,
  path,
  guard,
  isOptional: false,
  limit: null,
  handle: async (call, auth) => {
    if (!auth) throw new Error(`${method} ${path} was mounted without its guard`);
    return handle({ ...call, auth });
  },
});

/** Creates a route that knows its caller, if there is one. */
export const optionalRoute = (
  method: Method,
  path: string,
  guard: Guard,
  handle: (call: Call, auth: DemoAuth | null) => RouteResponse | Promise<RouteResponse>,
): Route => ({
  method,
  path,
  guard,
  isOptional: true,
  limit: null,
  handle: async (call, auth) => handle(call, auth),
});

/** Adds a rate limit to a route. */
export const withLimit = (limit: LimitName, route: Route): Route => ({ ...route, limit });

/** In ms: within this time after a login or a step-up the password is not required again. */
export const freshLogin: number = 5 * 60_000;

/** Returns the session of a call. An API key has none. */
export const sessionOf = ({ auth }: GuardedCall): string => {
  if (auth.sessionId === null) throw new SessionNotFoundError();
  return auth.sessionId;
};

export const ok = (json: unknown, status = 200): RouteResponse => ({ status, json });
