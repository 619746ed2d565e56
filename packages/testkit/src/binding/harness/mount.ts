import type { Auth, SessionInput } from '@pawl/core';
import type { GuardOptions, HttpOptions, LoginOptions } from '@pawl/http';

/** The claims of the suite's application. */
export interface SuiteClaims {
  /** Whether `GET /admin` lets the user in. */
  admin?: boolean | undefined;
  /** A text, long enough to make tokens too large for a cookie. */
  note?: string | undefined;
}

/** The session data of the suite's application. */
export interface SuiteData {
  /** Any text. */
  theme?: string | undefined;
}

/** What a guard of the suite's application passes to its handler. */
export type SuiteAuth = Auth<SuiteClaims, SuiteData>;

/** The query of a URL, as the framework parses it. */
export type Query = Readonly<Record<string, unknown>>;

/** What the application of one test is built from. */
export interface MountSettings {
  /** The options of the binding's factory. Pass them on unchanged. */
  readonly options: HttpOptions<SuiteClaims, SuiteData>;
  /**
   * Empty, or a path such as `/api`. All routes then stand below it, in a sub-application or another
   * construct of the framework that does not see the prefix.
   */
  readonly prefix: string;
  /** Whether the application parses JSON bodies on every route, if the framework lets it choose. */
  readonly parseBodies: boolean;
  /**
   * Whether a middleware runs before all routes, Pawl's included, that sets these on the response:
   * the cookie `lang=en`, `Cache-Control: public, max-age=60`, `Vary: Accept-Encoding` and
   * `X-Middleware: on`.
   */
  readonly touchResponses: boolean;
  /** The options of the guard of `GET /admin`. */
  readonly admin: GuardOptions<SuiteClaims, SuiteData>;
  /** The options of the guard of `POST /fresh`. */
  readonly fresh: GuardOptions<SuiteClaims, SuiteData>;
  /** The options of the guard of `GET /broken`. */
  readonly broken: GuardOptions<SuiteClaims, SuiteData>;
  /** Returns the session that the login routes create, and the options of `login`. */
  readonly login: (query: Query) => {
    readonly session: SessionInput<SuiteClaims, SuiteData>;
    readonly options: LoginOptions;
  };
  /** Returns whether the password in the query of `POST /sign-in` is right. */
  readonly isPasswordRight: (query: Query) => boolean;
  /** `GET /cached` waits for it before it sets anything on its response. */
  readonly beforeResponse: () => Promise<void>;
  /** Handlers of guarded routes call it with what the guard found. */
  readonly onAuth: (auth: SuiteAuth | null) => void;
  /** `GET /bug` calls it and does not catch its error, which is not an error of Pawl. */
  readonly throwBug: () => Promise<never>;
  /** `GET /lookup` calls it and does not catch its error, which may be an error of Pawl. */
  readonly callStore: () => Promise<unknown>;
  /** The framework's error handler calls it with every error. */
  readonly onError: (error: unknown) => void;
}

/** A listening application. */
export interface Mounted {
  /** The base URL without a trailing slash, for example `http://127.0.0.1:34567`. */
  readonly url: string;
  /** Stops the server and ends its connections. */
  readonly close: () => Promise<void>;
}

/**
 * Builds the suite's application in the style of the framework, and listens on a free port of 127.0.0.1
 * with Node's HTTP server.
 *
 * Besides Pawl's session routes, it has these routes below `prefix`:
 *
 * | route                | guard                    | what it does                                  |
 * | -------------------- | ------------------------ | --------------------------------------------- |
 * | `POST /login`        | none                     | logs in with `login(query)`; responds with `{ user, ...body }` |
 * | `POST /sign-in`      | `rateLimit('login')`     | only if there are `rateLimits`: 401 unless `isPasswordRight(query)`, else as `POST /login` |
 * | `GET`, `POST /mine`  | guard                    | calls `onAuth`; responds with `{ user, session }` |
 * | `GET /anyone`        | optional                 | calls `onAuth`; responds with `{ user }`, which may be null |
 * | `POST /anyone/login` | optional                 | as `POST /login`                              |
 * | `GET /admin`         | guard, options `admin`   | responds with the text `in`                   |
 * | `POST /fresh`        | guard, options `fresh`   | responds with the text `in`                   |
 * | `GET /broken`        | guard, options `broken`  | responds with the text `in`                   |
 * | `POST /elevate`      | guard                    | calls `elevate` with `acr: 'mfa'`; responds with `{ user, ...body }` |
 * | `POST /bye`          | none                     | calls `logout`; responds with the text `bye`  |
 * | `POST /sign-up`      | none                     | calls `assertOrigin`; responds with the text `welcome` |
 * | `GET /cached`        | guard                    | waits for `beforeResponse`; responds with the text `cached`, `Cache-Control: public, max-age=600` and `CDN-Cache-Control: max-age=600` |
 * | `POST /cached/login` | none                     | as `POST /login`, with the same two headers   |
 * | `GET /bug`           | none                     | calls `throwBug`                              |
 * | `GET /lookup`        | none                     | calls `callStore`; responds with the result as JSON |
 * | `GET /socket`        | guard                    | opens a WebSocket, sends the user's id and closes |
 *
 * The application's error handler calls `onError` with the error. It responds to errors of Pawl as the
 * binding does, and to all others with the text `failed` and 500, or the status of the framework's own
 * errors.
 */
export type Mount = (setting: MountSettings) => Promise<Mounted>;
