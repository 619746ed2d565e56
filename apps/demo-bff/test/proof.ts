import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Somebody with a key of their own. */
export interface Prover {
  /** The key's thumbprint (RFC 7638). */
  readonly jkt: string;
  /** Makes a proof that is in order (RFC 9449 § 4.2), for a GET. */
  readonly prove: (url: string, accessToken: string) => Promise<string>;
}

export const createProver = async (): Promise<Prover> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    prove: (url, accessToken) => {
      const ath = createHash('sha256').update(accessToken).digest('base64url');
      return new SignJWT({ htm: 'GET', htu: url, jti: randomUUID(), ath })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey);
    },
  };
};
