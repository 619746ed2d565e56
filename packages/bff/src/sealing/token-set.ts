import { StoreRecordError } from '@pawl/core';
import { isBytes } from '@pawl/core/internal';
import { exportJWK, importJWK, type JWK } from 'jose';
import type { DpopKey } from '../upstream/upstream-token.ts';
import type { Sealer } from './sealer.ts';
import type { UpstreamSession } from './upstream-session.ts';

/** The upstream tokens of one session, unsealed. Never log them or put them into an error. */
export interface UpstreamTokenSet {
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  /** In ms since the epoch, on this service's clock; null if the provider does not say. */
  readonly expiresAt: number | null;
  /** In ms since the epoch, on this service's clock. */
  readonly obtainedAt: number;
  readonly refreshToken: string | null;
  /** Kept only if `dangerouslySendIdTokenHint` is set. */
  readonly idToken: string | null;
  /** The same key for the whole life of the session. */
  readonly dpopKey: DpopKey | null;
}

/** The stored form before it is sealed: one letter per field. */
interface StoredTokens {
  readonly a: string;
  readonly e: number | null;
  readonly o: number;
  readonly r?: string;
  readonly i?: string;
  readonly k?: JWK;
}

/** The seal context: sealed tokens can only be opened for the session they were sealed for. */
const contextOf = (sessionId: string): string => `session ${sessionId}`;

/** Seals a token set. Its DPoP key is exported each time, so it must be extractable. */
export const sealTokenSet = async (
  sealer: Sealer,
  sessionId: string,
  tokenSet: UpstreamTokenSet,
): Promise<Pick<UpstreamSession, 'sealed' | 'expiresAt' | 'renewable'>> => {
  const { accessToken, expiresAt, obtainedAt, refreshToken, idToken, dpopKey } = tokenSet;
  const stored: StoredTokens = {
    a: accessToken,
    e: expiresAt,
    o: obtainedAt,
    ...(refreshToken !== null && { r: refreshToken }),
    ...(idToken !== null && { i: idToken }),
    ...(dpopKey && { k: await exportJWK(dpopKey.privateKey) }),
  };
  return {
    sealed: await sealer.seal(JSON.stringify(stored), contextOf(sessionId)),
    expiresAt,
    renewable: refreshToken !== null,
  };
};

/** @throws StoreRecordError if there are no tokens, or they were not sealed for this session */
export const openTokenSet = async (
  sealer: Sealer,
  sessionId: string,
  upstream: UpstreamSession | undefined,
): Promise<UpstreamTokenSet> => {
  if (typeof upstream?.sealed !== 'string') {
    throw new StoreRecordError('the session has no upstream tokens');
  }
  // The seal authenticates the text, so it has the shape that sealTokenSet wrote.
  const text = await sealer.open(upstream.sealed, contextOf(sessionId));
  const stored = JSON.parse(text) as StoredTokens;
  return {
    accessToken: stored.a,
    tokenType: stored.k ? 'DPoP' : 'Bearer',
    expiresAt: stored.e,
    obtainedAt: stored.o,
    refreshToken: stored.r ?? null,
    idToken: stored.i ?? null,
    dpopKey: stored.k ? await importKey(stored.k) : null,
  };
};

/** Seals the same tokens again, with the active key. */
export const resealTokenSet = async (
  sealer: Sealer,
  sessionId: string,
  sealed: string,
): Promise<string> =>
  sealer.seal(await sealer.open(sealed, contextOf(sessionId)), contextOf(sessionId));

const importKey = async (jwk: JWK): Promise<DpopKey> => {
  const { d: _, ...publicJwk } = jwk;
  const [privateKey, publicKey] = await Promise.all([
    importJWK({ ...jwk, ext: true }, 'ES256', { extractable: true }),
    importJWK({ ...publicJwk, ext: true }, 'ES256', { extractable: true }),
  ]);
  if (isBytes(privateKey) || isBytes(publicKey)) {
    throw new StoreRecordError('the DPoP key is invalid');
  }
  return { privateKey, publicKey };
};
