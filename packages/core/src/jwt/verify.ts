import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { TokenExpiredError, TokenInvalidError } from '../errors.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import { isPromise } from '../value-kinds.ts';
import { isSpeltOut, splitCompact } from './compact.ts';
import { createDoorkeeper } from './doorkeeper.ts';
import { hasType, headerSegmentOf, parseSegment, readHeader } from './header.ts';
import type { KeySet } from './key-set.ts';
import { hasLegacyHeader, type LegacyTokens, withoutForeignSession } from './legacy.ts';
import { type OpenJws, openerFor } from './open.ts';
import { type JwtPayload, readPayload } from './payload.ts';

/** The content of a token whose signature, issuer, audience, type, claims and times are valid. */
export interface VerifiedJwt {
  /** All claims, frozen recursively; the same object each time for a cached token. */
  readonly payload: JwtPayload;
  /** The application's claims only; frozen, without inherited members. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Present on a token of an earlier deployment (option `legacyTokens`). */
  readonly isLegacy?: true | undefined;
}

export interface VerifyingOptions {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly typ: string;
  /** Milliseconds. */
  readonly clockTolerance: number;
  readonly maxLength: number;
  readonly cacheSize: number;
  readonly clock: Clock;
  readonly allowMissingId: boolean;
  readonly onLegacy: () => void;
  readonly legacy: LegacyTokens | undefined;
}

export interface Verifier {
  readonly verify: (token: string) => VerifiedJwt | Promise<VerifiedJwt>;
  readonly readIgnoringTime: (token: string) => Promise<VerifiedJwt>;
}

/** A key with the only algorithm that it may be used with. */
interface BoundKey {
  readonly alg: string;
  readonly open: OpenJws;
  /** Set for the key of an earlier deployment, which verifies only that deployment's tokens. */
  readonly legacy?: LegacyTokens | undefined;
}

/** How many verified headers of other spellings are cached. */
const maxHeaders = 64;

export const createVerifier = (
  keys: KeySet,
  options: VerifyingOptions,
  crypto: CryptoProvider,
): Verifier => {
  const { issuer, typ, clockTolerance, maxLength, clock, legacy } = options;
  const ours = { issuer, audiences: new Set([options.audience].flat()) };
  const legacyKey = legacy && {
    alg: legacy.key.alg,
    open: openerFor(legacy.key, crypto),
    legacy,
  };
  const byKid = new Map<unknown, BoundKey>();
  /** By header segment: the same segment need not be parsed again. */
  const headers = new Map<string, BoundKey>();
  for (const source of keys.all) {
    const { alg, kid } = source;
    const entry = { alg, open: openerFor(source, crypto) };
    byKid.set(kid, entry);
    headers.set(headerSegmentOf(source, typ), entry);
  }
  const { cacheSize } = options;
  const cache = cacheSize > 1 ? createSegmentedLru<VerifiedJwt>(cacheSize) : undefined;
  /**
   * Recognizes tokens that were verified before. A token is hashed and cached only from its second use
   * on: a token that is used once costs neither, and evicts no other. A wrong result costs a hash or
   * a signature check; it never confuses two tokens, because the keys of `cache` are full SHA-256.
   */
  const doorkeeper = cache && createDoorkeeper(cacheSize);
  let warned = false;

  const boundKeyOf = (segment: string): BoundKey => {
    const header = readHeader(segment);
    const isOurs = hasType(header, typ);
    if (!isOurs && !(legacy && hasLegacyHeader(header, legacy))) {
      throw new TokenInvalidError('wrong_type');
    }
    const key = isOurs ? byKid.get(header.kid) : legacyKey;
    if (!key) throw new TokenInvalidError('kid_unknown');
    // The key determines the algorithm; the header must agree (RFC 8725 § 3.1).
    if (header.alg !== key.alg) throw new TokenInvalidError('forged');
    return key;
  };

  const isForUs = (
    { iss, aud }: JwtPayload,
    expected: Pick<LegacyTokens, 'issuer' | 'audiences'>,
  ) =>
    iss === expected.issuer &&
    (typeof aud === 'string'
      ? expected.audiences.has(aud)
      : aud.some((a) => expected.audiences.has(a)));

  // Written so that a clock that returns NaN leads to a refusal.
  const refuseByTime = ({ payload, isLegacy }: VerifiedJwt): Error | undefined => {
    const { iat, nbf = 0, exp } = payload;
    const now = clock();
    if (!(now - clockTolerance < exp * 1000)) return new TokenExpiredError();
    if (isLegacy && !(now < (legacy?.until ?? 0))) return new TokenExpiredError();
    const from = (nbf > iat ? nbf : iat) * 1000;
    return now + clockTolerance >= from ? undefined : new TokenInvalidError('claims');
  };

  /** Verifies a token that is not cached; the times come last. */
  const check = async (
    token: string,
    atAnyTime: boolean,
    cacheKey?: string,
  ): Promise<VerifiedJwt> => {
    const parts = splitCompact(token, maxLength, headers);
    const known = headers.get(parts.protected);
    const bound = known ?? boundKeyOf(parts.protected);
    // Await only a promise: an HMAC is computed synchronously.
    const opened = bound.open(parts);
    const bytes = isPromise(opened) ? await opened : opened;
    if (!known && headers.size < maxHeaders) headers.set(parts.protected, bound);
    const raw = isSpeltOut(parts.payload, bytes) ? parseSegment(bytes) : undefined;
    if (!raw) throw new TokenInvalidError('malformed');
    const from = bound.legacy;
    const found = readPayload(from ? withoutForeignSession(raw, from) : raw);
    if (typeof found === 'string' || !isForUs(found.payload, from ?? ours)) {
      throw new TokenInvalidError('claims');
    }
    const read: VerifiedJwt = from ? { ...found, isLegacy: true } : found;
    if (from && !from.accept(raw)) throw new TokenInvalidError('claims');
    const hasNoId = !Object.hasOwn(read.payload, 'jti');
    if (hasNoId && !from && !options.allowMissingId) throw new TokenInvalidError('no_id');
    const refusal = atAnyTime ? undefined : refuseByTime(read);
    if (refusal) throw refusal;
    if (hasNoId && !warned) {
      warned = true;
      options.onLegacy();
    }
    Object.freeze(read);
    // Only now, so that a refused token is not cached.
    if (cacheKey !== undefined) cache?.set(cacheKey, read);
    else if (!atAnyTime) doorkeeper?.add(token);
    return read;
  };

  const verify = (token: string): VerifiedJwt | Promise<VerifiedJwt> => {
    // Anything that cannot be a token is not looked up.
    if (
      !cache ||
      typeof token !== 'string' ||
      token.length > maxLength ||
      !doorkeeper?.has(token)
    ) {
      return check(token, false);
    }
    const cacheKey = crypto.sha256Key(token);
    const verified = cache.get(cacheKey);
    if (!verified) return check(token, false, cacheKey);
    const refusal = refuseByTime(verified);
    return refusal ? Promise.reject(refusal) : verified;
  };

  return { verify, readIgnoringTime: (token) => check(token, true) };
};
