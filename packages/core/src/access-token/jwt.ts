import { createJwt, type Jwt, type JwtOptions } from '../jwt/jwt.ts';
import type { SigningKey } from '../jwt/signing-key.ts';
import type { VerifiedJwt } from '../jwt/verify.ts';
import type { KeyRing, RootKey } from '../keys/key-ring.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { kidOf } from '../token/derive.ts';
import { isPromise } from '../value-kinds.ts';
import type { AccessGrant, AccessTokenContent, AccessTokenFormat } from './format.ts';

/** Options of {@link jwtAccessTokens}: those of `createJwt`, but `keys` are optional. */
export interface JwtAccessTokenOptions
  extends Omit<JwtOptions, 'keys' | 'typ' | 'clock' | 'crypto'> {
  /** Newest first. Default: HS256 keys that are derived from the root secrets, which only your own
   * services can verify. */
  readonly keys?: readonly SigningKey[] | undefined;
}

/**
 * Returns the format for access tokens as JWTs (RFC 9068, `typ: at+jwt`), which other services can
 * verify with the published keys. Pass it to `createSessions` or `createAccessTokens`.
 *
 * @example
 * ```ts
 * const sessions = createSessions({
 *   store,
 *   secrets: [process.env.PAWL_SECRET],
 *   accessToken: jwtAccessTokens({
 *     issuer: 'https://auth.example.com',
 *     audience: 'https://api.example.com',
 *     keys: [signingKey],
 *   }),
 * });
 * ```
 *
 * @throws ConfigurationError, naming the option (an unknown one at once, others when the format is
 *   used).
 */
export const jwtAccessTokens = (options: JwtAccessTokenOptions): AccessTokenFormat => {
  assertOptions(options, optionNames);
  return ({ keys, clock, crypto }) => {
    const setUp = (signingKeys: readonly SigningKey[]): Jwt =>
      createJwt({
        ...options,
        // A first-party API is its own client (RFC 9068 § 2.2 requires one).
        clientId: options.clientId ?? [options.audience].flat()[0],
        keys: signingKeys,
        clock,
        crypto,
      });
    const jwt = setUp(options.keys ?? derivedKeys(keys));
    const byRoot = options.keys ? new Map<number, Jwt>() : signersByRoot(keys, setUp);
    // Sign with the key of the refresh token's root: a retry then returns the same token, also
    // from a node that issues with a newer root or does not have the newest one yet.
    const signerFor = (session: AccessGrant['session']): Jwt =>
      (session && byRoot.get(kidOf(session.refreshToken))) ?? jwt;
    return {
      opaque: false,
      legacyUntil: options.legacyTokens && Number(options.legacyTokens.until),
      issue: (grant) =>
        signerFor(grant.session).sign({
          ...(JSON.parse(grant.claims) as Record<string, unknown>),
          sub: grant.userId,
          client_id: grant.clientId,
          iat: grant.issuedAt,
          exp: grant.expiresAt,
          jti: grant.jti,
          sid: grant.session?.sessionId,
          gen: grant.session?.generation,
          auth_time: grant.authTime,
          acr: grant.acr,
          amr: grant.amr,
          scope: grant.scope,
          cnf: grant.jkt === undefined ? undefined : { jkt: grant.jkt },
          act: grant.actor === undefined ? undefined : { sub: grant.actor },
          org_id: grant.organizationId,
        }),
      hashFor: () => null,
      read: (token) => {
        const verified = jwt.verify(token);
        return isPromise(verified) ? verified.then(accessToken) : accessToken(verified);
      },
      readIgnoringTime: async (token) => accessToken(await jwt.readIgnoringTime(token)),
      jwks: () => jwt.jwks(),
    };
  };
};

const optionNames: OptionNames<JwtAccessTokenOptions> = {
  issuer: 1,
  audience: 1,
  clientId: 1,
  keys: 1,
  clockTolerance: 1,
  maxLength: 1,
  cacheSize: 1,
  dangerouslyAllowMissingId: 1,
  onLegacy: 1,
  legacyTokens: 1,
};

const accessToken = ({ payload, claims, isLegacy }: VerifiedJwt): AccessTokenContent => ({
  ...(isLegacy && { isLegacy }),
  sessionId: payload.sid ?? null,
  generation: payload.gen ?? null,
  userId: payload.sub,
  tokenId: payload.jti ?? null,
  expiresAt: payload.exp * 1_000,
  hash: null,
  claims,
  registered: payload,
});

/** A compromised root signs no tokens, and tokens that it signed are refused. */
const derivedKeys = ({ all }: KeyRing): SigningKey[] =>
  all.filter(({ status }) => status !== 'compromised').map(derivedKey);

const derivedKey = (root: RootKey): SigningKey => ({
  kid: root.kid.toString(16).padStart(4, '0'),
  alg: 'HS256',
  secret: root.derive('access jwt'),
  status: root.status === 'published' ? 'published' : 'active',
});

const signersByRoot = (
  { all }: KeyRing,
  setUp: (keys: readonly SigningKey[]) => Jwt,
): Map<number, Jwt> =>
  new Map(all.map((root) => [root.kid, setUp([{ ...derivedKey(root), status: 'active' }])]));
