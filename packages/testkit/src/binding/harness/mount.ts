import type { Auth, SessionInput } from '@pawl/core';
import type { GuardOptions, HttpOptions, LoginOptions } from '@pawl/http';

/** The claims of the application that the suite describes. */
export interface SuiteClaims {
  admin?: boolean;
  note?: string;
}

/** Its session data. */
export interface SuiteData {
  theme?: string;
}

export type SuiteAuth = Auth<SuiteClaims, SuiteData>;

/** The query of a URL, parsed in whatever way the framework does it. */
export type Query = Readonly<Record<string, unknown>>;

/** What one test wants to be mounted. */
export interface MountSetting {
  /** What the binding's `createPawl` takes, to be passed on as it is. */
  readonly options: HttpOptions<SuiteClaims, SuiteData>;
  /**
   * Empty, or a path such as `/api`: everything is then to stand below it, in a
   * sub-application, or whatever the framework has that knows nothing of the prefix.
   */
  readonly prefix: string;
  /** Whether the application parses JSON bodies everywhere, where the framework leaves the choice. */
  readonly parseBodies: boolean;
  /** The options of the guard of `GET /admin`. */
  readonly admin: GuardOptions<SuiteClaims, SuiteData>;
  /** The options of the guard of `POST /fresh`. */
  readonly fresh: GuardOptions<SuiteClaims, SuiteData>;
  /** The options of the guard of `GET /broken`. */
  readonly broken: GuardOptions<SuiteClaims, SuiteData>;
  /** What the login routes begin, and how it is delivered. */
  readonly login: (query: Query) => {
    readonly session: SessionInput<SuiteClaims, SuiteData>;
    readonly options: LoginOptions;
  };
  /** Whether `POST /sign-in` knows the password that the query says. */
  readonly knows: (query: Query) => boolean;
  /** To be told what a guard found, before a handler answers. */
  readonly saw: (auth: SuiteAuth | null) => void;
  /** What `GET /bug` calls and lets through: it fails in a way that HTTP has no answer to. */
  readonly bug: () => Promise<never>;
  /** What `GET /lookup` calls and lets through: it may fail with an error of Pawl's. */
  readonly lookup: () => Promise<unknown>;
  /** To be told every error that reaches the framework's error handler. */
  readonly failed: (error: unknown) => void;
}

/** An application that listens. */
export interface Mounted {
  /** As in `http://127.0.0.1:34567`, without a slash at the end. */
  readonly url: string;
  /** Ends it, its connections included. */
  readonly close: () => Promise<void>;
}

/**
 * Builds the application that the suite describes, in the framework's own idiom,
 * and listens on a free port of 127.0.0.1 with Node's own HTTP server.
 *
 * Beside the session routes, below `prefix`:
 *
 * | route                | guard                    | what it does                                  |
 * | -------------------- | ------------------------ | --------------------------------------------- |
 * | `POST /login`        | none                     | logs in as `login(query)` says; `{ user, ...body }` |
 * | `POST /sign-in`      | `rateLimit('login')`     | where there are `rateLimits`: 401 unless it `knows`, else as `POST /login` |
 * | `GET`, `POST /mine`  | guard                    | calls `saw`; `{ user, session }`              |
 * | `GET /anyone`        | optional                 | calls `saw`; `{ user }`, or null in it        |
 * | `POST /anyone/login` | optional                 | as `POST /login`                              |
 * | `GET /admin`         | guard, options `admin`   | the text `in`                                 |
 * | `POST /fresh`        | guard, options `fresh`   | the text `in`                                 |
 * | `GET /broken`        | guard, options `broken`  | the text `in`                                 |
 * | `POST /elevate`      | guard                    | `elevate` with `acr: 'mfa'`; `{ user, ...body }` |
 * | `POST /bye`          | none                     | `logout`; the text `bye`                      |
 * | `POST /sign-up`      | none                     | `assertOrigin`; the text `welcome`             |
 * | `GET /bug`           | none                     | lets through what `bug` throws                |
 * | `GET /lookup`        | none                     | `lookup()` as JSON                            |
 * | `GET /socket`        | guard                    | a WebSocket that says the user's id and closes |
 *
 * The application's error handler tells `failed` of the error, answers Pawl's as
 * the binding does it, and all others with the text `failed` and 500, or the status
 * of the framework's own errors.
 */
export type Mount = (setting: MountSetting) => Promise<Mounted>;
