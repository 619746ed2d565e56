import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { ProviderAccess } from '../provider/provider.ts';

/** The claims of a logout token (OpenID Connect Back-Channel Logout 1.0 § 2.4). */
export interface LogoutToken {
  readonly sub: string | null;
  readonly sid: string | null;
  readonly jti: string;
  /** In seconds, on the provider's clock. */
  readonly issuedAt: number;
}

/** The logout token is invalid. The message is one word, for a log. */
export class LogoutTokenError extends Error {
  override readonly name = 'LogoutTokenError';
}

/** In seconds: the maximum age of a logout token, and the tolerated difference of the clocks. */
const maxAge = 120;
const tolerance = 10;

const event = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Verifies a logout token.
 * @throws LogoutTokenError if it is invalid; jose's error if the provider's keys are unavailable
 */
export const verifyLogoutToken = async (
  token: string,
  keys: JWTVerifyGetKey,
  {
    issuer,
    clientId,
    signingAlgorithm,
  }: Pick<ProviderAccess, 'clientId' | 'signingAlgorithm'> & {
    readonly issuer: string;
  },
  now: number,
): Promise<LogoutToken> => {
  const payload = await withLogoutTokenErrors(async () => {
    const { payload: claims } = await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      algorithms: [signingAlgorithm],
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: maxAge,
      clockTolerance: tolerance,
      currentDate: new Date(now),
    });
    return claims;
  });
  const { sub, sid, jti, iat, events, nonce } = payload;
  if (nonce !== undefined) throw new LogoutTokenError('nonce');
  if (!isObject(events) || !isObject(events[event])) throw new LogoutTokenError('events');
  if (typeof jti !== 'string' || jti === '' || jti.length > 512) throw new LogoutTokenError('jti');
  if (sid !== undefined && typeof sid !== 'string') throw new LogoutTokenError('sid');
  if (sub === undefined && sid === undefined) throw new LogoutTokenError('nobody');
  return { sub: sub ?? null, sid: sid ?? null, jti, issuedAt: iat as number };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the error says nothing about the token, because the keys could not be fetched. */
const isOutage = (error: unknown): boolean => {
  const code = String((error as { readonly code?: unknown } | null)?.code);
  return !/^ERR_J(OSE|W)/.test(code) || outages.includes(code);
};

const outages = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

const withLogoutTokenErrors = async (verify: () => Promise<JWTPayload>): Promise<JWTPayload> => {
  try {
    return await verify();
  } catch (error) {
    if (isOutage(error)) throw error;
    // jose's error holds the payload, so only its code is kept.
    throw new LogoutTokenError((error as { readonly code: string }).code);
  }
};
