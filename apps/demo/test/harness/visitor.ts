import { CookieJar } from 'tough-cookie';

/** A response. An empty body is `{}`. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { readonly length?: number };
}

/** Sends one request, without cookies or origin unless they are given. */
export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Reply>;

/** A browser on the demo's page. */
export interface Visitor {
  readonly jar: CookieJar;
  /** Returns another browser with the same cookies, like that of a thief or a second tab. */
  readonly copy: () => Promise<Visitor>;
  readonly cookie: (name: string) => Promise<string | undefined>;
  /** Returns the names of all cookies. */
  readonly cookies: () => Promise<readonly string[]>;
  readonly send: (method: string, path: string, body?: unknown) => Promise<Reply>;
}

export const sendTo =
  (port: number): Send =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as Reply['body'];
    return { status: response.status, headers: response.headers, body: parsed };
  };

export const visitorOf = (
  send: Send,
  origin: string,
  jar: CookieJar = new CookieJar(),
): Visitor => ({
  jar,
  copy: async () => visitorOf(send, origin, await jar.clone()),
  cookie: async (name) =>
    (await jar.getCookies(`${origin}/refresh`)).find(({ key }) => key === name)?.value,
  cookies: async () => (await jar.getCookies(`${origin}/refresh`)).map(({ key }) => key),
  send: async (method, path, body) => {
    const cookie = await jar.getCookieString(`${origin}${path}`);
    const reply = await send(method, path, body, { origin, ...(cookie && { cookie }) });
    for (const one of reply.headers.getSetCookie()) await jar.setCookie(one, `${origin}${path}`);
    return reply;
  },
});
