import { defaultCrypto } from '#crypto';
import { type Clock, systemClock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { ConfigurationError } from '../errors.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { isName } from './algorithm.ts';
import { defaultMaxLength } from './compact.ts';
import { type JsonWebKeySet, jwksOf } from './jwks.ts';
import { createKeySet } from './key-set.ts';
import { createLegacyTokens, type LegacyTokenOptions } from './legacy.ts';
import type { JwtClaimsInput } from './payload.ts';
import { createSigner } from './sign.ts';
import type { SigningKey } from './signing-key.ts';
import { createVerifier, type VerifiedJwt } from './verify.ts';

/** Options of {@link createJwt}. `issuer`, `audience` and `keys` are required. */
export interface JwtOptions {
  /** The `iss` of every token, compared as an exact string. */
  readonly issuer: string;
  /** The `aud` of every token. A token is accepted if its `aud` contains at least one of these. */
  readonly audience: string | readonly string[];
  /** The `client_id` of tokens that are signed without their own. */
  readonly clientId?: string | undefined;
  /** Newest first. The first key that is neither published nor retired signs; all verify. */
  readonly keys: readonly SigningKey[];
  /** The `typ` of every token, so that another kind of token is refused. Default: `at+jwt`. */
  readonly typ?: string | undefined;
  /** In ms, 0 to 60,000: the tolerated difference between clocks. Default: 5,000. */
  readonly clockTolerance?: number | undefined;
  /** In characters, 256 to 65,536: the longest token that is accepted. Default: 8,192. */
  readonly maxLength?: number | undefined;
  /**
   * How many verified tokens are cached, 0 to 1,000,000. Default: 10,000. A token is cached when it
   * is verified for the second time, so that tokens which are used once evict no other.
   */
  readonly cacheSize?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly crypto?: CryptoProvider | undefined;
  /**
   * Accepts tokens without `jti`. Such a token cannot be revoked on its own: it stays valid until it
   * expires or its session ends. Default: false.
   */
  readonly dangerouslyAllowMissingId?: boolean | undefined;
  /** Called once, when the first token without `jti` is accepted. Default: a warning on the console. */
  readonly onLegacy?: (() => void) | undefined;
  /**
   * Also accepts the access tokens of an earlier deployment until a date, so that a migration logs
   * nobody out. They have no session: see `LegacyTokenOptions`. Default: none.
   */
  readonly legacyTokens?: LegacyTokenOptions | undefined;
}

/** Signs and verifies access tokens of the JWT profile (RFC 9068). */
export interface Jwt {
  /**
   * Signs an access token. With EdDSA, RS256 and HS256 the same claims give the same token, in any
   * order of their names; ES256 signatures always differ.
   *
   * @throws InvalidInputError (as a rejection) if a claim is missing or has the wrong type
   */
  readonly sign: (input: JwtClaimsInput) => Promise<string>;
  /**
   * Verifies a token: synchronously if it is cached (see `cacheSize`), else as a promise. Nothing is
   * fetched. A refusal is always a rejection.
   *
   * @throws TokenInvalidError, TokenExpiredError (as rejections)
   */
  readonly verify: (token: string) => VerifiedJwt | Promise<VerifiedJwt>;
  /**
   * Verifies everything but the times: for a logout only.
   *
   * @throws TokenInvalidError (as a rejection)
   */
  readonly readIgnoringTime: (token: string) => Promise<VerifiedJwt>;
  /** Returns the public keys as a JWKS document; empty for HS256. */
  readonly jwks: () => Promise<JsonWebKeySet>;
}

const optionNames: OptionNames<JwtOptions> = {
  issuer: 1,
  audience: 1,
  clientId: 1,
  keys: 1,
  typ: 1,
  clockTolerance: 1,
  maxLength: 1,
  cacheSize: 1,
  clock: 1,
  crypto: 1,
  dangerouslyAllowMissingId: 1,
  onLegacy: 1,
  legacyTokens: 1,
};

const warnOfLegacy = (): void =>
  console.warn('pawl: tokens without jti are accepted; they cannot be revoked one by one');

/** Returns an option that must be a whole number within bounds. */
const validateWholeNumber = (
  option: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number,
): number => {
  const number = value ?? fallback;
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new ConfigurationError(option, `must be a whole number from ${min} to ${max}`);
};

/**
 * Creates the signer and verifier of one issuer's access tokens. Sessions need
 * `jwtAccessTokens` instead.
 *
 * @example
 * ```ts
 * const jwt = createJwt({
 *   issuer: 'https://auth.example.com',
 *   audience: 'https://api.example.com',
 *   clientId: 'web',
 *   keys: [await generateSigningKey('ES256')],
 * });
 * const iat = Math.floor(Date.now() / 1_000);
 * const claims = { sub: 'ada', iat, exp: iat + 600, jti: crypto.randomUUID() };
 * const { payload } = await jwt.verify(await jwt.sign(claims));
 * ```
 *
 * @throws ConfigurationError, naming the option that is invalid.
 */
export const createJwt = (options: JwtOptions): Jwt => {
  assertOptions(options, optionNames);
  const { issuer, audience, clientId, typ = 'at+jwt' } = options;
  if (!isName(issuer)) throw new ConfigurationError('issuer', 'must be a string');
  const audiences = [audience].flat();
  if (audiences.length === 0 || audiences.length > 32 || !audiences.every(isName)) {
    throw new ConfigurationError('audience', 'must be a string or a list of strings');
  }
  if (clientId !== undefined && !(isName(clientId) && clientId.length <= 255)) {
    throw new ConfigurationError('clientId', 'must be a string of 1 to 255 characters');
  }
  if (typeof typ !== 'string' || !/^[a-z0-9.+-]{1,64}$/.test(typ)) {
    throw new ConfigurationError('typ', 'must be a media type without "application/"');
  }
  const maxLength = validateWholeNumber(
    'maxLength',
    options.maxLength,
    defaultMaxLength,
    256,
    65_536,
  );
  const { crypto = defaultCrypto, clock = systemClock } = options;
  const keys = createKeySet(options.keys);
  const shared = {
    issuer,
    audience: typeof audience === 'string' ? audience : audiences,
    clientId,
    typ,
    maxLength,
  };
  const verifier = createVerifier(
    keys,
    {
      ...shared,
      clockTolerance: validateWholeNumber(
        'clockTolerance',
        options.clockTolerance,
        5000,
        0,
        60_000,
      ),
      cacheSize: validateWholeNumber('cacheSize', options.cacheSize, 10_000, 0, 1_000_000),
      clock,
      legacy: createLegacyTokens(options.legacyTokens, clientId, clock()),
      allowMissingId: options.dangerouslyAllowMissingId === true,
      onLegacy: options.onLegacy ?? warnOfLegacy,
    },
    crypto,
  );
  let document: Promise<JsonWebKeySet> | undefined;
  return {
    sign: createSigner(keys, shared, crypto),
    verify: verifier.verify,
    readIgnoringTime: verifier.readIgnoringTime,
    jwks: () => (document ??= jwksOf(keys)),
  };
};
