import { HttpError } from '@pawl/http';
import { base64url } from 'jose';
import type { BffSettings } from '../settings.ts';
import { callStore } from '../store-call.ts';
import { pause } from '../upstream/pause.ts';

type IndexContext = Pick<
  BffSettings<unknown, unknown>,
  'singleUse' | 'leases' | 'provider' | 'absoluteTimeout' | 'leaseTtl' | 'maxWait'
>;

/**
 * Remembers whose a session of the provider's is: a logout token may name the session
 * and nobody. It lives as long as a session that begins now can.
 *
 * @throws StoreUnavailableError, HttpError `ERR_UPSTREAM_UNAVAILABLE`
 */
export const rememberSid = (settings: IndexContext, sid: string, userId: string): Promise<void> =>
  alone(settings, sid, async (keys) => {
    for (const key of keys) {
      if (await put(settings, key, userId)) continue;
      // Known from a login before: for longer now.
      await settings.singleUse.take(key);
      await put(settings, key, userId);
    }
  });

/**
 * Whose session it is, or null. It is remembered on.
 *
 * @throws StoreUnavailableError, HttpError `ERR_UPSTREAM_UNAVAILABLE`
 */
export const userOfSid = (settings: IndexContext, sid: string): Promise<string | null> =>
  alone(settings, sid, async (keys) => {
    for (const key of keys) {
      const userId = await settings.singleUse.take(key);
      if (userId === null) continue;
      await put(settings, key, userId);
      // Where it was the second copy, somebody has died with the first one in hand.
      await put(settings, keys[0], userId);
      return userId;
    }
    return null;
  });

const put = (
  { singleUse, absoluteTimeout }: IndexContext,
  key: string,
  userId: string,
): Promise<boolean> => singleUse.put(key, userId, absoluteTimeout);

/**
 * Works on an entry by itself. What can only be taken is away for a moment when it is read: a
 * logout that came in that moment would find nobody and end nothing. And there are two
 * copies, so that a process that dies in between loses one at most.
 */
const alone = async <T>(
  settings: IndexContext,
  sid: string,
  work: (keys: readonly [string, string]) => Promise<T>,
): Promise<T> => {
  const { leases, leaseTtl, maxWait, provider } = settings;
  const name = `bff sid\n${provider.issuer}\n${sid}`;
  const keys = [await keyOf(name), await keyOf(`${name}\nagain`)] as const;
  const until = performance.now() + maxWait;
  for (;;) {
    const lease = await callStore(() => leases.acquire(keys[0], leaseTtl));
    if (lease) {
      try {
        return await callStore(() => work(keys));
      } finally {
        // One that cannot be given back runs out.
        await leases.release(keys[0], lease).catch(() => {});
      }
    }
    if (performance.now() > until) {
      throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'another node is at it for too long');
    }
    await pause(10 + Math.random() * 40);
  }
};

const keyOf = async (name: string): Promise<string> => {
  const bytes = new TextEncoder().encode(name);
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
};
