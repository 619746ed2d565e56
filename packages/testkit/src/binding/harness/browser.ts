import type { OutgoingHttpHeaders } from 'node:http';
import { CookieJar } from 'tough-cookie';
import type { HttpResponse } from './exchange.ts';

/** Sends a request over the network. */
type Send = (
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body?: string,
) => Promise<HttpResponse>;

/** A browser on a page of the service. It keeps cookies as RFC 6265bis says and sends fetch metadata. */
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

  /** Sends a request from a page of the service, and stores the cookies of the response. */
  async send(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body?: string,
  ): Promise<HttpResponse> {
    const url = `${this.#origin}${path}`;
    const cookie = await this.jar.getCookieString(url, { sameSiteContext: 'strict' });
    const own = {
      origin: this.#origin,
      'sec-fetch-site': 'same-origin',
      ...(cookie && { cookie }),
    };
    const response = await this.#send(method, path, { ...own, ...headers }, body);
    // A cookie that the standard rejects throws, and fails the test.
    for (const one of response.cookies) {
      await this.jar.setCookie(one, url, { sameSiteContext: 'strict', ignoreError: false });
    }
    return response;
  }

  /** Returns the `Cookie` header that it would send to a path, from its own page or another site's. */
  cookieHeader(
    path: string,
    sameSiteContext: 'strict' | 'lax' | 'none' = 'strict',
  ): Promise<string> {
    return this.jar.getCookieString(`${this.#origin}${path}`, { sameSiteContext });
  }

  /** Returns the access token, or undefined if it has no such cookie. */
  accessToken(): Promise<string | undefined> {
    return this.#value('access_token');
  }

  /** Returns the refresh token, or undefined if it has no such cookie. */
  refreshToken(): Promise<string | undefined> {
    return this.#value('refresh_token');
  }

  /** Returns the number of cookies, of all paths. */
  async cookieCount(): Promise<number> {
    return (await this.jar.getCookies(this.#origin, { allPaths: true })).length;
  }

  async #value(name: string): Promise<string | undefined> {
    const cookies = await this.jar.getCookies(`${this.#origin}${this.#authPath}/refresh`);
    return cookies.find(({ key }) => key.endsWith(name))?.value;
  }
}
