import type { AsymmetricAlgorithm } from './algorithm.ts';
import type { KeySet } from './key-set.ts';
import { publicJwkOf } from './signing-key.ts';

/** A public key of a JWKS document (RFC 7517 § 4). */
export interface PublicJwk {
  readonly kty: string;
  readonly use: 'sig';
  readonly alg: AsymmetricAlgorithm;
  readonly kid: string;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
}

/** A JWKS document (RFC 7517 § 5): the keys that other services need to verify tokens. */
export interface JsonWebKeySet {
  readonly keys: readonly PublicJwk[];
}

/**
 * Returns the public halves of all keys, published and retired ones included. HS256 secrets have no
 * public half: their document is empty.
 */
export const jwksOf = async (keySet: KeySet): Promise<JsonWebKeySet> => {
  const keys: PublicJwk[] = [];
  for (const key of keySet.all) {
    if (key.alg === 'HS256') continue;
    const { alg, kid } = key;
    keys.push(Object.freeze({ ...(await publicJwkOf(key.publicKey)), use: 'sig', alg, kid }));
  }
  return Object.freeze({ keys: Object.freeze(keys) });
};
