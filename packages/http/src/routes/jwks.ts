import type { HttpResponse } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';

/** `GET /.well-known/jwks.json`: the public keys (RFC 7517 § 5); an empty set if there are none. */
export const jwksRoute = async (settings: AnyHttpSettings): Promise<HttpResponse> => ({
  status: 200,
  // Short enough for a key rotation: a key is published long before it signs.
  headers: { 'cache-control': 'public, max-age=300' },
  cookies: [],
  body: await settings.issuer.jwks(),
});
