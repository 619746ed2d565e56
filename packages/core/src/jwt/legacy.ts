import { ConfigurationError } from '../errors.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { isName } from './algorithm.ts';
import { validateKey } from './key-set.ts';
import type { AsymmetricSigningKey, SigningKey, SymmetricSigningKey } from './signing-key.ts';

/** A key of an earlier deployment: with its `kid` if its tokens have one. */
export type LegacyKey = (
  | Omit<AsymmetricSigningKey, 'kid' | 'status'>
  | Omit<SymmetricSigningKey, 'kid' | 'status'>
) & {
  readonly kid?: string | undefined;
  readonly status?: SigningKey['status'];
};

/**
 * Options for the tokens of an earlier deployment: ordinary JWTs (`typ: JWT` or none) without `kid`,
 * `client_id` and perhaps `jti`. Everything but `accept` is required.
 */
export interface LegacyTokenOptions {
  /** The only key, and with it the only algorithm, of these tokens. */
  readonly key: LegacyKey;
  /** The `iss` of these tokens. */
  readonly issuer: string;
  /** The `aud` of these tokens. A token is accepted if its `aud` contains at least one of these. */
  readonly audience: string | readonly string[];
  /** From this time on they are refused: at most 400 days ahead. A `Date`, or ms since the epoch. */
  readonly until: Date | number;
  /**
   * Returns whether a token with these claims is an access token. Required in effect where the key
   * has also signed other tokens, such as refresh tokens or links. Default: every one is.
   */
  readonly accept?: ((claims: Readonly<Record<string, unknown>>) => boolean) | undefined;
}

/** The validated options. */
export interface LegacyTokens {
  readonly key: SigningKey;
  readonly issuer: string;
  readonly audiences: ReadonlySet<string>;
  /** In ms since the epoch. */
  readonly until: number;
  readonly clientId: string;
  readonly accept: (claims: Readonly<Record<string, unknown>>) => boolean;
}

const optionNames: OptionNames<LegacyTokenOptions> = {
  key: 1,
  issuer: 1,
  audience: 1,
  until: 1,
  accept: 1,
};

/** In ms: 400 days, the longest that a browser keeps a cookie. */
const longest = 400 * 86_400_000;

/** @throws ConfigurationError, naming the option */
export const createLegacyTokens = (
  options: LegacyTokenOptions | undefined,
  clientId: string | undefined,
  now: number,
): LegacyTokens | undefined => {
  if (options === undefined) return undefined;
  assertOptions(options, optionNames, 'legacyTokens.');
  const { issuer, audience, accept = () => true } = options;
  const key = { kid: 'legacy', ...options.key } as SigningKey;
  validateKey(key, 'legacyTokens.key');
  if (key.alg === 'HS256' && looksPublic(key.secret)) {
    throw new ConfigurationError('legacyTokens.key', 'must be a secret, not a public key as text');
  }
  if (!isName(issuer)) throw new ConfigurationError('legacyTokens.issuer', 'must be a string');
  const audiences = [audience].flat();
  if (audiences.length === 0 || !audiences.every(isName)) {
    throw new ConfigurationError('legacyTokens.audience', 'must be a string or a list of strings');
  }
  const until = Number(options.until ?? Number.NaN);
  // A date that has passed is fine: the service must still start on the day after.
  if (!(until <= now + longest)) {
    throw new ConfigurationError('legacyTokens.until', 'must be a time, at most 400 days ahead');
  }
  return {
    key: key.alg === 'HS256' ? { ...key, secret: key.secret.slice() } : { ...key },
    issuer,
    audiences: new Set(audiences),
    until,
    clientId: clientId ?? (audiences[0] as string),
    accept,
  };
};

/** Everybody knows a public key: used as an HMAC secret, it would let everybody sign. */
const looksPublic = (secret: Uint8Array): boolean =>
  /^\s*(-----BEGIN|\{|ssh-|MII[A-Z])/.test(new TextDecoder().decode(secret.subarray(0, 64)));

/**
 * Returns whether the header is one of these tokens'. `alg` is compared by the caller, as for every
 * token.
 */
export const hasLegacyHeader = (
  header: Readonly<Record<string, unknown>>,
  { key }: LegacyTokens,
): boolean =>
  (header['typ'] === undefined || header['typ'] === 'JWT') &&
  (header['kid'] === undefined || header['kid'] === key.kid);

/**
 * Returns the payload as one of ours: with a client, and without the session of another system,
 * which must not be taken for one of ours.
 */
export const withoutForeignSession = (
  payload: Readonly<Record<string, unknown>>,
  { clientId }: LegacyTokens,
): Readonly<Record<string, unknown>> => {
  const { sid: _, gen: __, ...rest } = payload;
  return { client_id: clientId, ...rest };
};
