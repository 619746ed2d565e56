import { StoreRecordError } from '@pawl/core';
import { exportJWK, importJWK, type JWK } from 'jose';
import type { DpopKey } from '../upstream/upstream-token.ts';
import type { Sealer } from './sealer.ts';
import type { UpstreamSession } from './upstream-session.ts';

/** The tokens of one session, opened. Never log it, never put it into an error. */
export interface UpstreamTokenSet {
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  /** In ms since the epoch on this service's clock; null where the provider does not tell. */
  readonly expiresAt: number | null;
  /** In ms since the epoch on this service's clock. */
  readonly obtainedAt: number;
  readonly refreshToken: string | null;
  /** Kept only where it is asked for: as a hint for the provider's logout. */
  readonly idToken: string | null;
  /** Stays the same for the life of the session. */
  readonly dpopKey: DpopKey | null;
}

/** As it is written before it is sealed: one letter per field. */
interface Written {
  readonly a: string;
  readonly e: number | null;
  readonly o: number;
  readonly r?: string;
  readonly i?: string;
  readonly k?: JWK;
}

/** In which the seal is to be opened: this session, and nothing else that is ever sealed. */
const contextOf = (sessionId: string): string => `session ${sessionId}`;

/** Seals what was obtained. Its JWK is exported once more each time: the key must be extractable. */
export const sealTokenSet = async (
  sealer: Sealer,
  sessionId: string,
  tokenSet: UpstreamTokenSet,
): Promise<Pick<UpstreamSession, 'sealed' | 'expiresAt' | 'renewable'>> => {
  const { accessToken, expiresAt, obtainedAt, refreshToken, idToken, dpopKey } = tokenSet;
  const written: Written = {
    a: accessToken,
    e: expiresAt,
    o: obtainedAt,
    ...(refreshToken !== null && { r: refreshToken }),
    ...(idToken !== null && { i: idToken }),
    ...(dpopKey && { k: await exportJWK(dpopKey.privateKey) }),
  };
  return {
    sealed: await sealer.seal(JSON.stringify(written), contextOf(sessionId)),
    expiresAt,
    renewable: refreshToken !== null,
  };
};

/** @throws StoreRecordError where there is nothing that this service has sealed for this session */
export const openTokenSet = async (
  sealer: Sealer,
  sessionId: string,
  upstream: UpstreamSession | undefined,
): Promise<UpstreamTokenSet> => {
  if (typeof upstream?.sealed !== 'string') {
    throw new StoreRecordError('the session has no upstream tokens');
  }
  // Authenticated: it is what sealTokenSet has written.
  const written = JSON.parse(await sealer.open(upstream.sealed, contextOf(sessionId))) as Written;
  return {
    accessToken: written.a,
    tokenType: written.k ? 'DPoP' : 'Bearer',
    expiresAt: written.e,
    obtainedAt: written.o,
    refreshToken: written.r ?? null,
    idToken: written.i ?? null,
    dpopKey: written.k ? await importKey(written.k) : null,
  };
};

/** Seals the same tokenSet with the key that seals now. */
export const resealTokenSet = async (
  sealer: Sealer,
  sessionId: string,
  sealed: string,
): Promise<string> =>
  sealer.seal(await sealer.open(sealed, contextOf(sessionId)), contextOf(sessionId));

const importKey = async (jwk: JWK): Promise<DpopKey> => {
  const { d: _, ...open } = jwk;
  const [privateKey, publicKey] = await Promise.all([
    importJWK({ ...jwk, ext: true }, 'ES256', { extractable: true }),
    importJWK({ ...open, ext: true }, 'ES256', { extractable: true }),
  ]);
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) {
    throw new StoreRecordError('its key is none for proofs');
  }
  return { privateKey, publicKey };
};
