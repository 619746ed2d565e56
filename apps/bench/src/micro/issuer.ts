import {
  createJwt,
  generateSigningKey,
  type Jwt,
  type JwtClaimsInput,
  type JwtOptions,
  type SigningAlgorithm,
  type SigningKey,
} from '@pawl/core/jwt';
import { type CryptoKey, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';

const issuer = 'https://auth.example.test';
const audience = 'https://api.example.test';

/** One algorithm, one key, and the same checks for both libraries. */
export interface Issuer {
  readonly alg: SigningAlgorithm;
  readonly key: SigningKey;
  readonly options: JwtOptions;
  readonly jwt: Jwt;
  /** The keys with which jose is fastest: each a CryptoKey that is imported once. */
  readonly joseKeys: { readonly sign: CryptoKey | Uint8Array; readonly verify: CryptoKey };
  readonly joseOptions: JWTVerifyOptions;
}

const importSecret = (secret: Uint8Array, usage: 'sign' | 'verify'): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    'raw',
    secret as Uint8Array<ArrayBuffer>,
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    [usage],
  );

const joseKeysOf = async (key: SigningKey): Promise<Issuer['joseKeys']> => {
  if (key.alg === 'HS256') {
    return {
      sign: await importSecret(key.secret, 'sign'),
      verify: await importSecret(key.secret, 'verify'),
    };
  }
  if (!key.privateKey) throw new Error('a generated key has a private half');
  return { sign: key.privateKey, verify: key.publicKey };
};

export const createIssuer = async (alg: SigningAlgorithm): Promise<Issuer> => {
  const key = await generateSigningKey(alg);
  const options: JwtOptions = { issuer, audience, clientId: 'bench', keys: [key] };
  return {
    alg,
    key,
    options,
    jwt: createJwt(options),
    joseKeys: await joseKeysOf(key),
    joseOptions: { issuer, audience, algorithms: [alg], typ: 'at+jwt' },
  };
};

let made = 0;

/** The claims of a typical access token, with a different `jti` at each call. */
export const distinctClaims = (): JwtClaimsInput => {
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: issuer,
    aud: audience,
    sub: 'user-0f3a9d52',
    client_id: 'bench',
    iat: now,
    exp: now + 3_600,
    jti: `id-${(made++).toString(36).padStart(21, '0')}`,
    sid: 'Jm0aBcDeFgHiJkLmNoPqRsTu',
    gen: 7,
    auth_time: now - 60,
    scope: 'read write',
    role: 'editor',
  };
};

/** A token as an HTTP server passes it on: cut out of a header, neither flattened nor hashed. */
const asCredential = (token: string): string => `Bearer ${token}`.slice('Bearer '.length);

export const newTokens = async ({ jwt }: Issuer, count: number): Promise<string[]> => {
  const tokens: string[] = [];
  for (let i = 0; i < count; i++) tokens.push(asCredential(await jwt.sign(distinctClaims())));
  return tokens;
};

export const joseSign = ({ alg, key, joseKeys }: Issuer, claims: JwtClaimsInput): Promise<string> =>
  new SignJWT({ ...claims } as Record<string, unknown>)
    .setProtectedHeader({ alg, typ: 'at+jwt', kid: key.kid })
    .sign(joseKeys.sign);

export const joseVerify = async (
  { joseOptions }: Issuer,
  key: CryptoKey | Uint8Array,
  tokens: readonly string[],
): Promise<void> => {
  for (const token of tokens) await jwtVerify(token, key, joseOptions);
};
