import { InvalidInputError, SessionRevokedError, StoreUnavailableError } from '@pawl/core';
import { HttpError } from '@pawl/http';
import { isInvalidGrant, providerFailure } from '../provider/failure.ts';
import { refreshTokenSet, revokeToken } from '../provider/grants.ts';
import type { UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffSettings } from '../settings.ts';
import { callStore } from '../store-call.ts';
import { type HeldLease, holdLease } from './held-lease.ts';
import { pause } from './pause.ts';
import { saveObtained } from './save.ts';
import type { StoredTokenSet, TokenSetReader } from './token-set-reader.ts';

/** In ms: how often a waiter looks whether the holder of the lease is done. */
const shortestWait = 40;
const longestWait = 250;

/**
 * Gets a token that is not the one that was seen: under the lease from the
 * provider, or, from whoever holds the lease, out of the session.
 *
 * @throws what reading the session throws; SessionRevokedError where the provider has ended
 *   the grant; HttpError `ERR_UPSTREAM_UNAVAILABLE`
 */
export const refreshOnce = async <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  sessionId: string,
  seen: string,
): Promise<UpstreamTokenSet> => {
  const until = performance.now() + settings.maxWait;
  for (let wait = shortestWait; ; wait = Math.min(wait * 1.5, longestWait)) {
    const lease = await take(settings, sessionId);
    if (lease) {
      try {
        const tokenSet = await underLease(settings, reader, sessionId, seen, lease);
        if (tokenSet) return tokenSet;
      } finally {
        await lease.release();
      }
    }
    if (performance.now() > until) {
      throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'another node refreshes for too long');
    }
    await pause(wait * (0.75 + Math.random() / 2));
    const { tokenSet } = await reader.read(sessionId);
    if (tokenSet.accessToken !== seen) return tokenSet;
  }
};

const take = async (
  { leases, leaseTtl }: BffSettings<unknown, unknown>,
  sessionId: string,
): Promise<HeldLease | null> => {
  return callStore(() => holdLease(leases, `bff ${sessionId}`, leaseTtl));
};

/** Null where the lease was lost before anything was sent. */
const underLease = async <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  sessionId: string,
  seen: string,
  lease: HeldLease,
): Promise<UpstreamTokenSet | null> => {
  const held = await reader.read(sessionId);
  const { tokenSet, upstream } = held;
  // Who held the lease before has done it.
  if (tokenSet.accessToken !== seen || tokenSet.refreshToken === null) return tokenSet;
  if (!lease.isAlive()) return null;
  const obtained = await exchange(settings, reader, sessionId, held);
  if (obtained.tokenGeneration !== upstream.tokenGeneration) return obtained.tokenSet;
  if (!(await save(settings, sessionId, { ...obtained, fence: lease.fence }))) {
    return (await reader.read(sessionId)).tokenSet;
  }
  settings.emit({ type: 'upstream.refreshed', sessionRef: settings.sessions.ref(sessionId) });
  await settings.notify('refreshed', { sessionId, expiresAt: obtained.tokenSet.expiresAt });
  return obtained.tokenSet;
};

/** Asks the provider. A tokenGeneration other than the one that was held: somebody else has been faster. */
const exchange = async <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  sessionId: string,
  { tokenSet, upstream }: StoredTokenSet,
): Promise<{ readonly tokenSet: UpstreamTokenSet; readonly tokenGeneration: number }> => {
  const { refreshToken } = tokenSet;
  const sessionRef = settings.sessions.ref(sessionId);
  try {
    const provider = await settings.provider.get();
    const before = { ...tokenSet, refreshToken: refreshToken as string };
    return {
      tokenSet: await refreshTokenSet(provider, before, settings.clock()),
      tokenGeneration: upstream.tokenGeneration,
    };
  } catch (error) {
    // A holder that was believed dead, or that believes this one so, may have been faster.
    const now = await reader.read(sessionId);
    if (now.upstream.tokenGeneration !== upstream.tokenGeneration) {
      return { tokenSet: now.tokenSet, tokenGeneration: now.upstream.tokenGeneration };
    }
    if (!isInvalidGrant(error)) {
      const { reason } = providerFailure(error);
      settings.emit({ type: 'upstream.failed', during: 'refresh', reason, sessionRef });
      throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the identity provider did not answer');
    }
    await settings.end(sessionId, 'upstream_refused');
    throw new SessionRevokedError('upstream_refused');
  }
};

const save = async <Data>(
  settings: BffSettings<unknown, Data>,
  sessionId: string,
  obtained: {
    readonly tokenSet: UpstreamTokenSet;
    readonly tokenGeneration: number;
    readonly fence: number;
  },
): Promise<boolean> => {
  try {
    return await saveObtained(settings, sessionId, obtained);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    // The session has ended meanwhile, or cannot hold them: nobody is ever going to use them.
    await revokeTokenSet(settings, obtained.tokenSet);
    if (!(error instanceof InvalidInputError)) throw error;
    await settings.end(sessionId, 'upstream_too_large');
    throw new SessionRevokedError('upstream_too_large');
  }
};

/** Tells the provider that the tokens are not needed any more: as well as it goes. */
export const revokeTokenSet = async (
  { provider, emit }: BffSettings<unknown, unknown>,
  { refreshToken, accessToken }: UpstreamTokenSet,
): Promise<void> => {
  try {
    await revokeToken(await provider.get(), refreshToken ?? accessToken);
  } catch (error) {
    emit({ type: 'upstream.failed', during: 'revocation', reason: providerFailure(error).reason });
  }
};
