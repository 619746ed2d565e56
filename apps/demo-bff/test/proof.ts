import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

/** The owner of a key. */
export interface Prover {
  /** The key's thumbprint (RFC 7638). */
  readonly jkt: string;
  /** Returns a valid proof for a GET (RFC 9449 § 4.2). */
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
