import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Provider, ProviderAccess } from '../provider/provider.ts';

/** What the provider says has ended (OpenID Connect Back-Channel Logout 1.0 § 2.4). */
export interface LogoutToken {
  readonly sub: string | null;
  readonly sid: string | null;
  readonly jti: string;
  /** In s on the provider's clock. */
  readonly issuedAt: number;
}

/** A logout token that is none. The reason is for a log. */
export class LogoutTokenError extends Error {}

/** In s: how old a logout token may be, and how far clocks may be apart. */
const maxAge = 120;
const tolerance = 10;

const event = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Verifies a logout token.
 * @throws LogoutTokenError; jose's error where the provider's keys cannot be had
 */
export const verifyLogoutToken = async (
  token: string,
  { keys }: Provider,
  {
    issuer,
    clientId,
    signingAlgorithm,
  }: Pick<ProviderAccess, 'clientId' | 'signingAlgorithm'> & {
    readonly issuer: string;
  },
  now: number,
): Promise<LogoutToken> => {
  const payload = await verified(async () => {
    const { payload: read } = await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      algorithms: [signingAlgorithm],
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: maxAge,
      clockTolerance: tolerance,
      currentDate: new Date(now),
    });
    return read;
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

/** What says nothing of the token itself: its keys did not arrive. */
const isOutage = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === 'ERR_JOSE_GENERIC';

const verified = async (verify: () => Promise<JWTPayload>): Promise<JWTPayload> => {
  try {
    return await verify();
  } catch (error) {
    if (isOutage(error)) throw error;
    // The library's error holds the payload.
    throw new LogoutTokenError((error as errors.JOSEError).code);
  }
};
