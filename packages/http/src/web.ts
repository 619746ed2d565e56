import { cookieKey, withCookies } from './cookies/pending-cookies.ts';
import { guardResponseHead, isCacheHeader, type NodeResponseHead } from './node/response-head.ts';
import type { HttpRequest } from './request.ts';
import { type HttpResponse, noStore } from './response.ts';

/**
 * Creates a view of a request of the Fetch standard.
 *
 * @param remoteAddress the address of the socket's peer, which the standard does not have.
 *   Default: unknown
 * @param readAgain returns the body if it has been read before. Default: it is lost
 * @param waitUntil keeps the platform from stopping before some work is done. Default: as the option
 *   `waitUntil` says
 */
export const webRequest = (
  request: Request,
  remoteAddress?: string,
  readAgain?: () => Promise<ArrayBuffer>,
  waitUntil?: HttpRequest['waitUntil'],
): HttpRequest => new WebHttpRequest(request, remoteAddress, readAgain, waitUntil);

/**
 * A class, because guards create one per request and object literals with getters take
 * microseconds.
 */
class WebHttpRequest implements HttpRequest {
  readonly source: Request;
  readonly remoteAddress: string | undefined;
  readonly waitUntil: HttpRequest['waitUntil'];
  readonly #readAgain: (() => Promise<ArrayBuffer>) | undefined;

  constructor(
    request: Request,
    remoteAddress: string | undefined,
    readAgain: (() => Promise<ArrayBuffer>) | undefined,
    waitUntil: HttpRequest['waitUntil'],
  ) {
    this.source = request;
    this.remoteAddress = remoteAddress;
    this.#readAgain = readAgain;
    this.waitUntil = waitUntil;
  }

  get method(): string {
    return this.source.method;
  }

  get path(): string {
    return new URL(this.source.url).pathname;
  }

  get query(): string {
    return new URL(this.source.url).search.slice(1);
  }

  // The standard joins duplicates with ", ", cookies with "; ".
  header(name: string): string | undefined {
    return this.source.headers.get(name) ?? undefined;
  }

  body(limit: number): Promise<Uint8Array | null> {
    return this.source.bodyUsed
      ? readUsedBody(this.#readAgain, limit)
      : readBody(this.source, limit);
  }
}

const readUsedBody = async (
  readAgain: (() => Promise<ArrayBuffer>) | undefined,
  limit: number,
): Promise<Uint8Array | null> => {
  if (!readAgain) throw new Error('pawl: the body was read before');
  const body = new Uint8Array(await readAgain());
  return body.length > limit ? null : body;
};

const readBody = async (request: Request, limit: number): Promise<Uint8Array | null> => {
  const claimed = Number(request.headers.get('content-length') ?? Number.NaN);
  if (claimed > limit) return null;
  // The server enforces the length. In Node, reading a stream would take several times as long.
  if (claimed >= 0) {
    const whole = new Uint8Array(await request.arrayBuffer());
    return whole.length > limit ? null : whole;
  }
  const body = new Uint8Array(limit);
  let length = 0;
  const reader = request.body?.getReader();
  if (!reader) return body.subarray(0, 0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return body.subarray(0, length);
    if (length + value.length > limit) {
      await reader.cancel();
      return null;
    }
    body.set(value, length);
    length += value.length;
  }
};

/** What a framework on the Fetch standard may show of the server of Node below it. */
interface ServerEnvironment {
  readonly outgoing?: NodeResponseHead | undefined;
}

/**
 * Sets cookies on a response of the Fetch standard. Each replaces an earlier one of its name and
 * path, and caches are told not to store the response.
 *
 * @param headers of the response; they must not be immutable
 * @param environment what the framework knows of its server. On Node, nothing that is set later
 *   lets caches store the response
 */
export const setWebCookies = (
  headers: Headers,
  cookies: readonly string[],
  environment?: ServerEnvironment | null,
): void => {
  if (cookies.length === 0) return;
  const all = withCookies(headers.getSetCookie(), cookies);
  headers.delete('set-cookie');
  for (const cookie of all) headers.append('set-cookie', cookie);
  for (const name of [...headers.keys()].filter(isCacheHeader)) headers.delete(name);
  for (const [name, value] of Object.entries(noStore)) headers.set(name, value);
  const { outgoing } = environment ?? {};
  if (typeof outgoing?.writeHead === 'function') {
    guardResponseHead(outgoing, cookies.map(cookieKey));
  }
};

/**
 * Returns the `waitUntil` of a framework's context, for {@link webRequest}. It is looked up when there
 * is work: Hono throws where the platform has passed none, which costs too much for every request.
 */
export const waitUntilOf =
  (context: {
    readonly executionCtx: { waitUntil(work: Promise<unknown>): void };
  }): NonNullable<HttpRequest['waitUntil']> =>
  (work) => {
    let platform: (typeof context)['executionCtx'] | undefined;
    try {
      platform = context.executionCtx;
    } catch {
      // Not a serverless platform.
    }
    platform?.waitUntil(work);
  };

/** Creates a response of the Fetch standard. */
export const webResponse = ({ status, headers, cookies, body }: HttpResponse): Response => {
  const fields = new Headers(headers);
  for (const cookie of cookies) fields.append('set-cookie', cookie);
  if (body === undefined) return new Response(null, { status, headers: fields });
  fields.set('content-type', 'application/json');
  return new Response(JSON.stringify(body), { status, headers: fields });
};
