import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { TokenExpiredError, TokenInvalidError } from '../errors.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import { isSpeltOut, splitCompact } from './compact.ts';
import { createDoorkeeper } from './doorkeeper.ts';
import { headerSegmentOf, parseSegment, readHeader } from './header.ts';
import type { KeySet } from './key-set.ts';
import { type OpenJws, openerFor } from './open.ts';
import { type JwtPayload, readPayload } from './payload.ts';

/** A token whose signature, issuer, audience, type, claims and time hold. */
export interface VerifiedJwt {
  /** All claims, deep-frozen: the same object for the same token. */
  readonly payload: JwtPayload;
  /** The application's own claims only; frozen, inherits nothing. */
  readonly claims: Readonly<Record<string, unknown>>;
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
}

export interface Verifier {
  readonly verify: (token: string) => VerifiedJwt | Promise<VerifiedJwt>;
  readonly readIgnoringTime: (token: string) => Promise<VerifiedJwt>;
}

/** A key together with the only algorithm that it may be used with. */
interface BoundKey {
  readonly alg: string;
  readonly open: OpenJws;
}

/** Headers of other spellings that were verified are remembered up to this number. */
const maxHeaders = 64;

export const createVerifier = (
  keys: KeySet,
  options: VerifyingOptions,
  crypto: CryptoProvider,
): Verifier => {
  const { issuer, typ, clockTolerance, maxLength, clock } = options;
  const audiences = new Set([options.audience].flat());
  const byKid = new Map<unknown, BoundKey>();
  /** By header segment: parsing the same one again would tell nothing new. */
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
   * Tokens that were verified. One is hashed and remembered only from its second
   * sight on: a token that is used once costs neither, and any number of such
   * tokens push nothing out. Wrong answers cost a hash or a signature check; a
   * token is never taken for another, as `cache` answers to its full SHA-256 only.
   */
  const doorkeeper = cache && createDoorkeeper(cacheSize);
  let warned = false;

  const boundKeyOf = (segment: string): BoundKey => {
    const header = readHeader(segment, typ);
    const key = byKid.get(header.kid);
    if (!key) throw new TokenInvalidError('kid_unknown');
    // The key says how it is used; the header may only agree (RFC 8725 § 3.1).
    if (header.alg !== key.alg) throw new TokenInvalidError('forged');
    return key;
  };

  const isForUs = ({ iss, aud }: JwtPayload): boolean =>
    iss === issuer &&
    (typeof aud === 'string' ? audiences.has(aud) : aud.some((a) => audiences.has(a)));

  // Written so that a clock that answers NaN refuses.
  const refuseByTime = ({ iat, nbf = 0, exp }: JwtPayload): Error | undefined => {
    const now = clock();
    if (!(now - clockTolerance < exp * 1000)) return new TokenExpiredError();
    const from = (nbf > iat ? nbf : iat) * 1000;
    return now + clockTolerance >= from ? undefined : new TokenInvalidError('claims');
  };

  /** All checks of a token that is not remembered, the times last. */
  const check = async (
    token: string,
    atAnyTime: boolean,
    cacheKey?: string,
  ): Promise<VerifiedJwt> => {
    const parts = splitCompact(token, maxLength, headers);
    const known = headers.get(parts.protected);
    const bound = known ?? boundKeyOf(parts.protected);
    // Awaited only where it has to be: an HMAC is there at once.
    const opened = bound.open(parts);
    const bytes = opened instanceof Promise ? await opened : opened;
    if (!known && headers.size < maxHeaders) headers.set(parts.protected, bound);
    const raw = isSpeltOut(parts.payload, bytes) ? parseSegment(bytes) : undefined;
    if (!raw) throw new TokenInvalidError('malformed');
    const read = readPayload(raw);
    if (typeof read === 'string' || !isForUs(read.payload)) throw new TokenInvalidError('claims');
    const { payload } = read;
    const isLegacy = !Object.hasOwn(payload, 'jti');
    if (isLegacy && !options.allowMissingId) throw new TokenInvalidError('no_id');
    const refusal = atAnyTime ? undefined : refuseByTime(payload);
    if (refusal) throw refusal;
    if (isLegacy && !warned) {
      warned = true;
      options.onLegacy();
    }
    Object.freeze(read);
    // Here and not before, so that what is refused leaves no trace.
    if (cacheKey !== undefined) cache?.set(cacheKey, read);
    else if (!atAnyTime) doorkeeper?.add(token);
    return read;
  };

  const verify = (token: string): VerifiedJwt | Promise<VerifiedJwt> => {
    // Only what could be a token is worth a look.
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
    const refusal = refuseByTime(verified.payload);
    return refusal ? Promise.reject(refusal) : verified;
  };

  return { verify, readIgnoringTime: (token) => check(token, true) };
};
