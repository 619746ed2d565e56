import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';

/** What the provider signs ID, access and logout tokens with: new at every start. */
export const createSigningKey = async (): Promise<JWK> => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kty: 'RSA', kid: 'demo', alg: 'RS256', use: 'sig' };
};
