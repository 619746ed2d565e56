import type { PawlEvent, Sessions } from '@pawl/core';
import type { ApiKeys } from '@pawl/core/api-keys';
import type { HttpEvent } from '@pawl/http';
import { Browser } from './browser.ts';
import { type Answer, exchange, type SentHeaders } from './exchange.ts';
import type { FailingStore } from './failing-store.ts';
import { problemsOf } from './judged-answer.ts';
import type { SuiteAuth, SuiteClaims, SuiteData } from './mount.ts';
import { type OpenApiJudge, openApiJudge } from './openapi-answers.ts';

/** The origin that browsers know the service by. */
export const localOrigin = 'http://localhost:8080';

/** What happened inside, for the tests to look at. */
export interface Inside {
  readonly sessions: Sessions<SuiteClaims, SuiteData>;
  readonly apiKeys: ApiKeys<SuiteClaims>;
  readonly store: FailingStore;
  readonly events: (HttpEvent | PawlEvent)[];
  /** What guards found. */
  readonly seen: (SuiteAuth | null)[];
  /** What reached the framework's error handler. */
  readonly errors: unknown[];
  /** The application's time, in ms since the epoch. */
  readonly now: () => number;
  /** In ms: lets time pass, for the application and, where it can be, for the store. */
  readonly wait: (ms: number) => Promise<void>;
  /** In ms: lets time pass for both, if need be by waiting. */
  readonly outlive: (ms: number) => Promise<void>;
}

interface Wiring extends Inside {
  readonly url: string;
  readonly prefix: string;
  readonly origin: string;
  readonly authPath: string;
}

/** A mounted application, seen from outside, and what happens inside. */
export class Service {
  readonly inside: Inside;
  readonly url: string;
  readonly #wiring: Wiring;
  #openApi: OpenApiJudge = () => [];

  constructor(wiring: Wiring) {
    this.inside = wiring;
    this.url = wiring.url;
    this.#wiring = wiring;
  }

  /** Sends what is given and nothing else, below the prefix. Every answer is judged. */
  async send(
    method: string,
    path: string,
    headers?: SentHeaders,
    body?: string | Uint8Array,
  ): Promise<Answer> {
    return this.#judged(exchange(this.url, method, this.#wiring.prefix + path, headers, body));
  }

  /** Holds every answer from here on against the service's own OpenAPI document. */
  async readOpenApi(): Promise<void> {
    const { url, prefix, authPath } = this.#wiring;
    const path = `${authPath === '/' ? '' : authPath.replace(/\/$/, '')}/openapi.json`;
    const mounted = path.startsWith(prefix) ? path : prefix + path;
    const { status, text } = await exchange(url, 'GET', mounted);
    if (status !== 200) throw new Error(`GET ${mounted} answered ${status}: ${text}`);
    this.#openApi = openApiJudge(text);
  }

  browser(): Browser {
    const { origin, authPath } = this.#wiring;
    return new Browser(origin, authPath, (method, path, headers, body) =>
      this.#judged(exchange(this.url, method, path, headers, body)),
    );
  }

  /** A browser that has logged in. */
  async login(user: string = newUser(), query: string = ''): Promise<Browser> {
    const browser = this.browser();
    const path = `${this.#wiring.prefix}/login?user=${encodeURIComponent(user)}${query}`;
    const { status, text } = await browser.send('POST', path);
    if (status !== 200) throw new Error(`POST ${path} answered ${status}: ${text}`);
    return browser;
  }

  /** The `Authorization` header of a new session. */
  async bearer(user: string = newUser(), claims: SuiteClaims = {}): Promise<BearerHeader> {
    const { accessToken } = await this.inside.sessions.create({ userId: user, claims });
    return { authorization: `Bearer ${accessToken}` };
  }

  async #judged(answering: Promise<Answer>): Promise<Answer> {
    const answer = await answering;
    const { prefix } = this.#wiring;
    const isBelow = answer.path.startsWith(`${prefix}/`);
    const inside = { ...answer, path: answer.path.slice(prefix.length) };
    const problems = [...problemsOf(answer), ...(isBelow ? this.#openApi(inside) : [])];
    if (problems.length === 0) return answer;
    const { method, path, status } = answer;
    throw new Error(`${method} ${path} answered ${status}, which is wrong: ${problems.join('; ')}`);
  }
}

// Not an interface: it has to pass for headers of any name.
export type BearerHeader = { readonly authorization: string };

let users = 0;

/** A user that no other test, nor an earlier run against the same store, has. */
export const newUser = (): string => `user-${Date.now().toString(36)}-${process.pid}-${users++}`;
