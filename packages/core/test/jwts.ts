import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { createJwt, type Jwt, type JwtOptions } from '../src/jwt/jwt.ts';
import {
  type AsymmetricSigningKey,
  generateSigningKey,
  type SigningKey,
} from '../src/jwt/signing-key.ts';

export const secret: Uint8Array = new Uint8Array(32).map((_, i) => i * 7 + 1);
export const hs: SigningKey = { kid: 'h', alg: 'HS256', secret };
export const pair = async (
  alg: 'EdDSA' | 'ES256' | 'RS256',
  kid: string,
): Promise<AsymmetricSigningKey> =>
  (await generateSigningKey(alg, { kid })) as AsymmetricSigningKey;
export const ed: AsymmetricSigningKey = await pair('EdDSA', 'ed');
export const ec: AsymmetricSigningKey = await pair('ES256', 'ec');
export const rsa: AsymmetricSigningKey = await pair('RS256', 'rsa');

/** The time in these tests, in seconds. */
export const now = 1_000_000;
export const payload: Record<'iss' | 'aud' | 'sub' | 'client_id' | 'jti', string> &
  Record<'iat' | 'exp', number> = {
  iss: 'https://i.example',
  aud: 'api',
  sub: 'user',
  client_id: 'web',
  iat: now,
  exp: now + 600,
  jti: 'j',
};
export const header: { readonly alg: string; readonly typ: string; readonly kid: string } = {
  alg: 'HS256',
  typ: 'at+jwt',
  kid: 'h',
};

export const jwtWith = (options: Partial<JwtOptions> = {}): Jwt =>
  createJwt({
    issuer: 'https://i.example',
    audience: 'api',
    clientId: 'web',
    keys: [hs],
    clock: () => now * 1000,
    ...options,
  });

export const b64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
export const text = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Signs anything with our secret: tokens that only the holder of the key could make. */
export const signed = (
  anyHeader: unknown,
  anyPayload: unknown = payload,
  key: Uint8Array = secret,
  hash = 'sha256',
): string => {
  const input = `${b64(text(anyHeader))}.${anyPayload instanceof Uint8Array ? b64(anyPayload) : b64(text(anyPayload))}`;
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`;
};

/** Returns why a token is refused, or undefined. */
export const refusalOf = async (
  token: unknown,
  jwt: Jwt = jwtWith(),
): Promise<string | undefined> => {
  try {
    await jwt.verify(token as string);
    return undefined;
  } catch (error) {
    const { code, refusal } = error as { code: string; refusal?: string };
    return code === 'ERR_TOKEN_INVALID' ? refusal : code;
  }
};

export const expired = 'ERR_TOKEN_EXPIRED';

/** Verifies a token until its result is cached. */
export const remember = async (token: string, jwt: Jwt): Promise<void> => {
  await jwt.verify(token);
  await jwt.verify(token);
  expect(jwt.verify(token)).not.toBeInstanceOf(Promise);
};
