import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';

/**
 * A request of the Fetch standard, for every framework that has one.
 *
 * @param remoteAddress the peer of the socket; the standard does not know it
 */
export const webRequest = (request: Request, remoteAddress?: string): HttpRequest =>
  new WebHttpRequest(request, remoteAddress);

/** A class: a guard makes one for every request, and an object with getters of its own costs µs. */
class WebHttpRequest implements HttpRequest {
  readonly source: Request;
  readonly remoteAddress: string | undefined;

  constructor(request: Request, remoteAddress: string | undefined) {
    this.source = request;
    this.remoteAddress = remoteAddress;
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

  // The standard joins duplicates by ", ", cookies by "; ".
  header(name: string): string | undefined {
    return this.source.headers.get(name) ?? undefined;
  }

  body(limit: number): Promise<Uint8Array | null> {
    return readBody(this.source, limit);
  }
}

const readBody = async (request: Request, limit: number): Promise<Uint8Array | null> => {
  const claimed = Number(request.headers.get('content-length') ?? Number.NaN);
  if (claimed > limit) return null;
  // The server holds the client to its word. In Node a stream would cost several times the route.
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

/** Writes a response down by the Fetch standard. */
export const webResponse = ({ status, headers, cookies, body }: HttpResponse): Response => {
  const fields = new Headers(headers);
  for (const cookie of cookies) fields.append('set-cookie', cookie);
  if (body === undefined) return new Response(null, { status, headers: fields });
  fields.set('content-type', 'application/json');
  return new Response(JSON.stringify(body), { status, headers: fields });
};
