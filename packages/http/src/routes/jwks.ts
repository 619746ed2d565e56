import type { HttpContext } from '../context.ts';
import type { HttpResponse } from '../response.ts';

/** `GET /.well-known/jwks.json`: the public keys (RFC 7517 § 5), empty where there are none. */
export const jwksRoute = async (context: HttpContext<unknown, unknown>): Promise<HttpResponse> => ({
  status: 200,
  // Short enough for a roll-over: a key is published long before it signs.
  headers: { 'cache-control': 'public, max-age=300' },
  cookies: [],
  body: await context.issuer.jwks(),
});
