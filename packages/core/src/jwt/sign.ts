import { encode } from 'jose/base64url';
import { CompactSign } from 'jose/jws/compact/sign';
import type { CryptoProvider } from '../crypto/provider.ts';
import { InvalidInputError } from '../errors.ts';
import { utf8 } from '../token/bytes.ts';
import { headerOf, headerSegmentOf } from './header.ts';
import { type KeySet, secretOf } from './key-set.ts';
import { type JwtClaimsInput, readPayload, reservedClaims } from './payload.ts';
import { maxDepth } from './strict-json.ts';

export interface SigningOptions {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly clientId: string | undefined;
  readonly typ: string;
  readonly maxLength: number;
}

const refuse = (problem: string): never => {
  throw new InvalidInputError('payload', problem);
};

/**
 * Returns a copy with sorted names: the same claims give the same token, also after a store has
 * reordered them (as `jsonb` does).
 */
const sortNames = (value: unknown, depth = 1): unknown => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object' || depth > maxDepth) return refuse('must be plain JSON');
  if (Array.isArray(value)) return value.map((entry) => sortNames(entry, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return refuse('must be plain JSON');
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value).toSorted()) {
    const member = (value as Record<string, unknown>)[name];
    if (name === '__proto__') return refuse('must not contain a claim named __proto__');
    if (member !== undefined) copy[name] = sortNames(member, depth + 1);
  }
  return copy;
};

/** Returns the claims of a token in their order: reserved ones first, then the application's. */
const assemble = (input: JwtClaimsInput, options: SigningOptions): Record<string, unknown> => {
  if (input.iss !== undefined && input.iss !== options.issuer) refuse('iss is not the issuer');
  const given = sortNames({
    ...input,
    iss: options.issuer,
    aud: input.aud ?? options.audience,
    client_id: input.client_id ?? options.clientId,
  }) as Record<string, unknown>;
  const whole: Record<string, unknown> = {};
  for (const name of reservedClaims) if (given[name] !== undefined) whole[name] = given[name];
  return Object.assign(whole, given);
};

/**
 * Returns the function that signs. It validates its input by the rules of verification, so that no
 * token is issued that would be refused.
 */
export const createSigner = (
  keys: KeySet,
  options: SigningOptions,
  crypto: CryptoProvider,
): ((input: JwtClaimsInput) => Promise<string>) => {
  const { active } = keys;
  const header = headerOf(active, options.typ);
  const prefix = `${headerSegmentOf(active, options.typ)}.`;

  const signText = async (json: string): Promise<string> => {
    if (active.alg === 'HS256') {
      const signed = prefix + encode(json);
      return `${signed}.${encode(crypto.hmacSha256(secretOf(active), utf8(signed)))}`;
    }
    if (!active.privateKey) throw new TypeError('the active key cannot sign');
    // A copy: under jsdom, what `TextEncoder` returns is not the `Uint8Array` that jose insists on.
    return new CompactSign(new Uint8Array(utf8(json)))
      .setProtectedHeader({ ...header })
      .sign(active.privateKey);
  };

  return async (input) => {
    const payload = assemble(input, options);
    const read = readPayload(payload);
    if (typeof read === 'string') refuse(`${read} is missing or has the wrong type`);
    if (payload['jti'] === undefined) refuse('jti is missing');
    if (!((payload['exp'] as number) > (payload['iat'] as number))) refuse('exp is not after iat');
    const token = await signText(JSON.stringify(payload));
    if (token.length > options.maxLength) refuse('makes the token longer than maxLength');
    return token;
  };
};
