import { InvalidInputError, SessionRevokedError, StoreUnavailableError } from '@pawl/core';
import { HttpError } from '@pawl/http';
import type { BffContext } from '../context.ts';
import { isInvalidGrant, providerFailure } from '../provider/failure.ts';
import { refreshVault, revokeUpstream } from '../provider/grants.ts';
import { callStore } from '../store-call.ts';
import type { Vault } from '../vault/vault.ts';
import { type HeldLease, holdLease } from './held-lease.ts';
import { pause } from './pause.ts';
import type { HeldVault, VaultReader } from './read.ts';
import { saveObtained } from './save.ts';

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
  context: BffContext<unknown, Data>,
  reader: VaultReader,
  sessionId: string,
  seen: string,
): Promise<Vault> => {
  const until = performance.now() + context.patience;
  for (let wait = shortestWait; ; wait = Math.min(wait * 1.5, longestWait)) {
    const lease = await take(context, sessionId);
    if (lease) {
      try {
        const vault = await underLease(context, reader, sessionId, seen, lease);
        if (vault) return vault;
      } finally {
        await lease.release();
      }
    }
    if (performance.now() > until) {
      throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'another node refreshes for too long');
    }
    await pause(wait * (0.75 + Math.random() / 2));
    const { vault } = await reader.read(sessionId);
    if (vault.accessToken !== seen) return vault;
  }
};

const take = async (
  { leases, leaseTtl }: BffContext<unknown, unknown>,
  sessionId: string,
): Promise<HeldLease | null> => {
  return callStore(() => holdLease(leases, `bff ${sessionId}`, leaseTtl));
};

/** Null where the lease was lost before anything was sent. */
const underLease = async <Data>(
  context: BffContext<unknown, Data>,
  reader: VaultReader,
  sessionId: string,
  seen: string,
  lease: HeldLease,
): Promise<Vault | null> => {
  const held = await reader.read(sessionId);
  const { vault, upstream } = held;
  // Who held the lease before has done it.
  if (vault.accessToken !== seen || vault.refreshToken === null) return vault;
  if (!lease.isAlive()) return null;
  const obtained = await exchange(context, reader, sessionId, held);
  if (obtained.turn !== upstream.turn) return obtained.vault;
  if (!(await save(context, sessionId, { ...obtained, fence: lease.fence }))) {
    return (await reader.read(sessionId)).vault;
  }
  context.emit({ type: 'upstream.refreshed', sessionRef: context.sessions.ref(sessionId) });
  await context.notify('refreshed', { sessionId, expiresAt: obtained.vault.expiresAt });
  return obtained.vault;
};

/** Asks the provider. A turn other than the one that was held: somebody else has been faster. */
const exchange = async <Data>(
  context: BffContext<unknown, Data>,
  reader: VaultReader,
  sessionId: string,
  { vault, upstream }: HeldVault,
): Promise<{ readonly vault: Vault; readonly turn: number }> => {
  const { refreshToken } = vault;
  const sessionRef = context.sessions.ref(sessionId);
  try {
    const provider = await context.provider.get();
    const before = { ...vault, refreshToken: refreshToken as string };
    return { vault: await refreshVault(provider, before, context.clock()), turn: upstream.turn };
  } catch (error) {
    // A holder that was believed dead, or that believes this one so, may have been faster.
    const now = await reader.read(sessionId);
    if (now.upstream.turn !== upstream.turn) {
      return { vault: now.vault, turn: now.upstream.turn };
    }
    if (!isInvalidGrant(error)) {
      const { reason } = providerFailure(error);
      context.emit({ type: 'upstream.failed', during: 'refresh', reason, sessionRef });
      throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the identity provider did not answer');
    }
    await context.end(sessionId, 'upstream_refused');
    throw new SessionRevokedError('upstream_refused');
  }
};

const save = async <Data>(
  context: BffContext<unknown, Data>,
  sessionId: string,
  obtained: { readonly vault: Vault; readonly turn: number; readonly fence: number },
): Promise<boolean> => {
  try {
    return await saveObtained(context, sessionId, obtained);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    // The session has ended meanwhile, or cannot hold them: nobody is ever going to use them.
    await forgetUpstream(context, obtained.vault);
    if (!(error instanceof InvalidInputError)) throw error;
    await context.end(sessionId, 'upstream_too_large');
    throw new SessionRevokedError('upstream_too_large');
  }
};

/** Tells the provider that the tokens are not needed any more: as well as it goes. */
export const forgetUpstream = async (
  { provider, emit }: BffContext<unknown, unknown>,
  { refreshToken, accessToken }: Vault,
): Promise<void> => {
  try {
    await revokeUpstream(await provider.get(), refreshToken ?? accessToken);
  } catch (error) {
    emit({ type: 'upstream.failed', during: 'revocation', reason: providerFailure(error).reason });
  }
};
