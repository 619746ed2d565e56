import { isPawlError, SessionRevokedError } from '@pawl/core';
import { callStore, pause } from '@pawl/core/internal';
import { HttpError } from '@pawl/http';
import { isInvalidGrant, toProviderFailure } from '../provider/failure.ts';
import { refreshTokenSet, revokeToken } from '../provider/grants.ts';
import type { UpstreamTokenSet } from '../sealing/token-set.ts';
import type { AnyBffSettings, BffSettings } from '../settings.ts';
import { type HeldLease, holdLease } from './held-lease.ts';
import { type ObtainedTokenSet, saveTokenSet } from './save-token-set.ts';
import type { StoredTokenSet, TokenSetReader } from './token-set-reader.ts';

/** In ms: how often a waiter checks whether the holder of the lease has finished. */
const shortestWait = 40;
const longestWait = 250;

/**
 * Returns a token set whose access token is not `seenToken`. The node that gets the lease asks
 * the provider; all others wait, and read the result from the session.
 *
 * @throws what reading the session throws; SessionRevokedError if the provider has ended the
 *   grant; HttpError `ERR_UPSTREAM_UNAVAILABLE`
 */
export const refreshOnce = async <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  sessionId: string,
  seenToken: string,
): Promise<UpstreamTokenSet> => {
  const deadline = performance.now() + settings.maxWait;
  for (let wait = shortestWait; ; wait = Math.min(wait * 1.5, longestWait)) {
    const lease = await acquireLease(settings, sessionId);
    if (lease) {
      try {
        const tokenSet = await refreshUnderLease(settings, reader, sessionId, seenToken, lease);
        if (tokenSet) return tokenSet;
      } finally {
        await lease.release();
      }
    }
    if (performance.now() > deadline) {
      throw new HttpError(
        'ERR_UPSTREAM_UNAVAILABLE',
        'another node did not finish its refresh in time',
      );
    }
    await pause(wait * (0.75 + Math.random() / 2));
    const { tokenSet } = await reader.read(sessionId);
    if (tokenSet.accessToken !== seenToken) return tokenSet;
  }
};

const acquireLease = async (
  { leases, leaseTtl }: AnyBffSettings,
  sessionId: string,
): Promise<HeldLease | null> => {
  return callStore(() => holdLease(leases, `bff ${sessionId}`, leaseTtl));
};

/** Returns null if the lease was lost before anything was sent. */
const refreshUnderLease = async <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  sessionId: string,
  seenToken: string,
  lease: HeldLease,
): Promise<UpstreamTokenSet | null> => {
  const stored = await reader.read(sessionId);
  const { tokenSet, upstream } = stored;
  // The previous holder of the lease has refreshed already.
  if (tokenSet.accessToken !== seenToken || tokenSet.refreshToken === null) return tokenSet;
  if (!lease.isAlive()) return null;
  const obtained = await exchange(settings, reader, sessionId, stored);
  if (obtained.tokenGeneration !== upstream.tokenGeneration) return obtained.tokenSet;
  if (!(await save(settings, sessionId, { ...obtained, fence: lease.fence }))) {
    return (await reader.read(sessionId)).tokenSet;
  }
  settings.emit({ type: 'upstream.refreshed', sessionRef: settings.sessions.ref(sessionId) });
  await settings.notify('onRefresh', { sessionId, expiresAt: obtained.tokenSet.expiresAt });
  return obtained.tokenSet;
};

/**
 * Asks the provider for new tokens. If the returned generation is not the stored one, another
 * node has refreshed meanwhile, and the tokens are those that it stored.
 */
const exchange = async <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  sessionId: string,
  { tokenSet, upstream }: StoredTokenSet,
): Promise<Omit<ObtainedTokenSet, 'fence'>> => {
  const { refreshToken } = tokenSet;
  const sessionRef = settings.sessions.ref(sessionId);
  try {
    const provider = await settings.provider.get();
    const previous = { ...tokenSet, refreshToken: refreshToken as string };
    return {
      tokenSet: await refreshTokenSet(provider, previous, settings.clock()),
      tokenGeneration: upstream.tokenGeneration,
    };
  } catch (error) {
    // Two nodes may believe that they hold the lease, and the other one may have been faster.
    const now = await reader.read(sessionId);
    if (now.upstream.tokenGeneration !== upstream.tokenGeneration) {
      return { tokenSet: now.tokenSet, tokenGeneration: now.upstream.tokenGeneration };
    }
    if (!isInvalidGrant(error)) {
      const { reason } = toProviderFailure(error);
      settings.emit({ type: 'upstream.failed', during: 'refresh', reason, sessionRef });
      throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the identity provider is unavailable');
    }
    await settings.endSession(sessionId, 'upstream_refused');
    throw new SessionRevokedError('upstream_refused');
  }
};

const save = async <Data>(
  settings: BffSettings<unknown, Data>,
  sessionId: string,
  obtained: ObtainedTokenSet,
): Promise<boolean> => {
  try {
    return await saveTokenSet(settings, sessionId, obtained);
  } catch (error) {
    const code = isPawlError(error) ? error.code : undefined;
    if (code === 'ERR_STORE_UNAVAILABLE') throw error;
    // The session has ended, or cannot hold the tokens: nobody will ever use them.
    await revokeTokenSet(settings, obtained.tokenSet);
    if (code !== 'ERR_INPUT_INVALID') throw error;
    await settings.endSession(sessionId, 'upstream_too_large');
    throw new SessionRevokedError('upstream_too_large');
  }
};

/** Revokes upstream tokens at the provider (RFC 7009). Never fails: an error becomes an event. */
export const revokeTokenSet = async (
  { provider, emit }: AnyBffSettings,
  { refreshToken, accessToken }: UpstreamTokenSet,
): Promise<void> => {
  try {
    await revokeToken(await provider.get(), refreshToken ?? accessToken);
  } catch (error) {
    const { reason } = toProviderFailure(error);
    emit({ type: 'upstream.failed', during: 'revocation', reason });
  }
};
