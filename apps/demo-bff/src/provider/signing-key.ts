import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';

/** Creates the key that signs ID, access and logout tokens: a new one at every start. */
export const createSigningKey = async (): Promise<JWK> => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kty: 'RSA', kid: 'demo', alg: 'RS256', use: 'sig' };
};
