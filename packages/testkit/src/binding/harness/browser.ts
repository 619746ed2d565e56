import type { OutgoingHttpHeaders } from 'node:http';
import { CookieJar } from 'tough-cookie';
import type { Answer } from './exchange.ts';

/** Sends a request, as the browser has written it. */
type Send = (
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body?: string,
) => Promise<Answer>;

/** A browser on a page of the service: it keeps cookies as the standard says, and says where it is. */
export class Browser {
  readonly jar: CookieJar = new CookieJar(undefined, { prefixSecurity: 'strict' });
  readonly #origin: string;
  readonly #authPath: string;
  readonly #send: Send;

  constructor(origin: string, authPath: string, send: Send) {
    this.#origin = origin;
    this.#authPath = authPath;
    this.#send = send;
  }

  async send(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: string,
  ): Promise<Answer> {
    const url = `${this.#origin}${path}`;
    const cookie = await this.jar.getCookieString(url, { sameSiteContext: 'strict' });
    const own = {
      origin: this.#origin,
      'sec-fetch-site': 'same-origin',
      ...(cookie && { cookie }),
    };
    const answer = await this.#send(method, path, { ...own, ...headers }, body);
    // A cookie that the standard refuses is an error, and fails the test.
    for (const one of answer.cookies) {
      await this.jar.setCookie(one, url, { sameSiteContext: 'strict', ignoreError: false });
    }
    return answer;
  }

  /** The `Cookie` header that it would send to a path, from its own pages or another site's. */
  cookieHeader(
    path: string,
    sameSiteContext: 'strict' | 'lax' | 'none' = 'strict',
  ): Promise<string> {
    return this.jar.getCookieString(`${this.#origin}${path}`, { sameSiteContext });
  }

  /** The access token, or undefined where there is none any more. */
  access(): Promise<string | undefined> {
    return this.#value('access_token');
  }

  refresh(): Promise<string | undefined> {
    return this.#value('refresh_token');
  }

  /** How many cookies it has, of any path. */
  async count(): Promise<number> {
    return (await this.jar.getCookies(this.#origin, { allPaths: true })).length;
  }

  async #value(name: string): Promise<string | undefined> {
    const cookies = await this.jar.getCookies(`${this.#origin}${this.#authPath}/refresh`);
    return cookies.find(({ key }) => key.endsWith(name))?.value;
  }
}
