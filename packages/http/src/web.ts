import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';

/**
 * A request of the Fetch standard, for every framework that has one.
 *
 * @param remoteAddress the peer of the socket; the standard does not know it
 */
export const webRequest = (request: Request, remoteAddress?: string): HttpRequest => ({
  method: request.method,
  get path() {
    return new URL(request.url).pathname;
  },
  get query() {
    return new URL(request.url).search.slice(1);
  },
  remoteAddress,
  source: request,
  // The standard joins duplicates by ", ", cookies by "; ".
  header: (name) => request.headers.get(name) ?? undefined,
  body: (limit) => readBody(request, limit),
});

const readBody = async (request: Request, limit: number): Promise<Uint8Array | null> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return null;
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
  const written = new Headers(headers);
  for (const cookie of cookies) written.append('set-cookie', cookie);
  if (body === undefined) return new Response(null, { status, headers: written });
  written.set('content-type', 'application/json');
  return new Response(JSON.stringify(body), { status, headers: written });
};
