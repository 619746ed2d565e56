import type { PawlEvent, Sessions } from '@pawl/core';
import type { ApiKeys } from '@pawl/core/api-keys';
import type { HttpEvent } from '@pawl/http';
import { Browser } from './browser.ts';
import { exchange, type HttpResponse, type SentHeaders } from './exchange.ts';
import type { FailingStore } from './failing-store.ts';
import type { SuiteAuth, SuiteClaims, SuiteData } from './mount.ts';
import { type OpenApiCheck, openApiCheck } from './openapi-rules.ts';
import { problemsIn } from './response-rules.ts';

/** The origin of the service, as browsers see it. */
export const localOrigin = 'http://localhost:8080';

/** What tests may inspect and control inside a service. */
export interface ServiceInternals {
  readonly sessions: Sessions<SuiteClaims, SuiteData>;
  readonly apiKeys: ApiKeys<SuiteClaims>;
  readonly store: FailingStore;
  /** Every event, of core and of the HTTP layer. */
  readonly events: (HttpEvent | PawlEvent)[];
  /** What guards passed to their handlers, in order. */
  readonly auths: (SuiteAuth | null)[];
  /** The errors that reached the framework's error handler, in order. */
  readonly errors: unknown[];
  /** The application's time, in ms since the epoch. */
  readonly now: () => number;
  /** Moves the application's clock by `ms`, and the store's clock if it is injected. */
  readonly wait: (ms: number) => Promise<void>;
  /** Lets `ms` pass for the store as well: waits if its clock is not injected. */
  readonly waitForStore: (ms: number) => Promise<void>;
}

interface Wiring extends ServiceInternals {
  readonly url: string;
  readonly prefix: string;
  readonly origin: string;
  readonly authPath: string;
}

/** A mounted application: requests go over a socket, `internals` shows what happens inside. */
export class Service {
  readonly internals: ServiceInternals;
  readonly url: string;
  readonly #wiring: Wiring;
  #checkOpenApi: OpenApiCheck = () => [];

  constructor(wiring: Wiring) {
    this.internals = wiring;
    this.url = wiring.url;
    this.#wiring = wiring;
  }

  /** Sends a request below the prefix, exactly as given. Throws if the response breaks a rule. */
  async send(
    method: string,
    path: string,
    headers?: SentHeaders,
    body?: string | Uint8Array,
  ): Promise<HttpResponse> {
    return this.#check(exchange(this.url, method, this.#wiring.prefix + path, headers, body));
  }

  /** From here on checks every response against the OpenAPI document that the service publishes. */
  async readOpenApi(): Promise<void> {
    const { url, prefix, authPath } = this.#wiring;
    const path = `${authPath === '/' ? '' : authPath.replace(/\/$/, '')}/openapi.json`;
    const mounted = path.startsWith(prefix) ? path : prefix + path;
    const { status, text } = await exchange(url, 'GET', mounted);
    if (status !== 200) throw new Error(`GET ${mounted} returned ${status}: ${text}`);
    this.#checkOpenApi = openApiCheck(text);
  }

  /** Returns a new browser without cookies. */
  browser(): Browser {
    const { origin, authPath } = this.#wiring;
    return new Browser(origin, authPath, (method, path, headers, body) =>
      this.#check(exchange(this.url, method, path, headers, body)),
    );
  }

  /** Logs in, and returns the browser. */
  async login(user: string = newUser(), query: string = ''): Promise<Browser> {
    const browser = this.browser();
    const path = `${this.#wiring.prefix}/login?user=${encodeURIComponent(user)}${query}`;
    const { status, text } = await browser.send('POST', path);
    if (status !== 200) throw new Error(`POST ${path} returned ${status}: ${text}`);
    return browser;
  }

  /** Creates a session, and returns its `Authorization` header. */
  async bearer(user: string = newUser(), claims: SuiteClaims = {}): Promise<BearerHeader> {
    const { accessToken } = await this.internals.sessions.create({ userId: user, claims });
    return { authorization: `Bearer ${accessToken}` };
  }

  async #check(exchanged: Promise<HttpResponse>): Promise<HttpResponse> {
    const response = await exchanged;
    const { prefix } = this.#wiring;
    const isBelow = response.path.startsWith(`${prefix}/`);
    const inside = { ...response, path: response.path.slice(prefix.length) };
    const problems = [...problemsIn(response), ...(isBelow ? this.#checkOpenApi(inside) : [])];
    if (problems.length === 0) return response;
    const { method, path, status } = response;
    throw new Error(
      `${method} ${path} returned ${status}, which breaks rules: ${problems.join('; ')}`,
    );
  }
}

// Not an interface, so that it is assignable to headers of any name.
export type BearerHeader = { readonly authorization: string };

let users = 0;

/** Returns a user id that no other test, and no earlier run on the same store, has used. */
export const newUser = (): string => `user-${Date.now().toString(36)}-${process.pid}-${users++}`;
