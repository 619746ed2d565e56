import { callStore, pause } from '@pawl/core/internal';
import { newCallId } from '@pawl/core/store';
import { HttpError } from '@pawl/http';
import type { AnyBffSettings } from '../settings.ts';
import { singleUseKey } from './single-use-key.ts';

type IndexSettings = Pick<
  AnyBffSettings,
  'singleUse' | 'leases' | 'provider' | 'absoluteTimeout' | 'leaseTtl' | 'maxWait'
>;

/**
 * Remembers which user a session of the provider belongs to, because a logout token may name
 * only the session. The entry lives as long as a session that begins now can live.
 *
 * @throws StoreUnavailableError, HttpError `ERR_UPSTREAM_UNAVAILABLE`
 */
export const rememberSid = (settings: IndexSettings, sid: string, userId: string): Promise<void> =>
  withLockedEntry(settings, sid, async (keys) => {
    for (const key of keys) {
      if (await put(settings, key, userId)) continue;
      // Stored at an earlier login: stored again, to live longer.
      await settings.singleUse.take(key, newCallId());
      await put(settings, key, userId);
    }
  });

/**
 * Returns the user that a session of the provider belongs to, or null. The entry stays.
 *
 * @throws StoreUnavailableError, HttpError `ERR_UPSTREAM_UNAVAILABLE`
 */
export const findUserOfSid = (settings: IndexSettings, sid: string): Promise<string | null> =>
  withLockedEntry(settings, sid, async (keys) => {
    for (const key of keys) {
      const userId = await settings.singleUse.take(key, newCallId());
      if (userId === null) continue;
      await put(settings, key, userId);
      // If this was the second copy, a process died after it took the first one.
      await put(settings, keys[0], userId);
      return userId;
    }
    return null;
  });

const put = (
  { singleUse, absoluteTimeout }: IndexSettings,
  key: string,
  userId: string,
): Promise<boolean> => singleUse.put(key, userId, absoluteTimeout, newCallId());

/**
 * Runs `work` while no other node uses the entry. A single-use value can only be read by taking
 * it and putting it back; a logout that arrived in between would find no user and end nothing.
 * There are two copies, so that a process that dies in between loses only one.
 */
const withLockedEntry = async <T>(
  settings: IndexSettings,
  sid: string,
  work: (keys: readonly [string, string]) => Promise<T>,
): Promise<T> => {
  const { leases, leaseTtl, maxWait, provider } = settings;
  const name = `bff sid\n${provider.issuer}\n${sid}`;
  const keys = [await singleUseKey(name), await singleUseKey(`${name}\nagain`)] as const;
  const deadline = performance.now() + maxWait;
  for (;;) {
    const lease = await callStore(() => leases.acquire(keys[0], leaseTtl, newCallId()));
    if (lease) {
      try {
        return await callStore(() => work(keys));
      } finally {
        // A lease that cannot be released expires.
        await leases.release(keys[0], lease).catch(() => {});
      }
    }
    if (performance.now() > deadline) {
      throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'another node holds the entry for too long');
    }
    await pause(10 + Math.random() * 40);
  }
};
