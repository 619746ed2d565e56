import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** A proof that is in order (RFC 9449 § 4.2), but for the key: a thief's own. */
export const foreignProof = async (url: string, accessToken: string): Promise<string> => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const ath = createHash('sha256').update(accessToken).digest('base64url');
  return new SignJWT({ htm: 'GET', htu: url, jti: randomUUID(), ath })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey);
};
