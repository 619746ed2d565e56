import { callStore } from '@pawl/core/internal';
import { newCallId } from '@pawl/core/store';
import { singleUseKey } from '../logout/single-use-key.ts';
import type { AnyBffSettings } from '../settings.ts';
import { loginLifetime } from './login-cookies.ts';

/**
 * Claims a login, so that its code is exchanged once: a provider may revoke the tokens of a code
 * that it sees twice (RFC 6749 § 4.1.2). Call it for a login whose seal was checked.
 *
 * @returns false if it was claimed before
 * @throws StoreUnavailableError, StoreFullError
 */
export const claimLogin = async (
  { singleUse }: AnyBffSettings,
  state: string,
): Promise<boolean> => {
  const key = await claimKey(state);
  return callStore(() => singleUse.put(key, '1', loginLifetime, newCallId()));
};

/** Gives up the claim to a login that failed, so that failed logins take no room in the store. */
export const releaseLogin = async ({ singleUse }: AnyBffSettings, state: string): Promise<void> => {
  const key = await claimKey(state);
  // A claim that cannot be removed expires.
  await singleUse.take(key, newCallId()).catch(() => {});
};

/** Remembers the session of a finished login, in case that its browser never gets the response. */
export const rememberLogin = async (
  { singleUse }: AnyBffSettings,
  state: string,
  sessionId: string,
): Promise<void> => {
  const key = await resultKey(state);
  await singleUse.put(key, sessionId, loginLifetime, newCallId()).catch(() => {});
};

/** Returns the session of a finished login, or null, and forgets it. @throws StoreUnavailableError */
export const takeLoginResult = async (
  { singleUse }: AnyBffSettings,
  state: string,
): Promise<string | null> => {
  const key = await resultKey(state);
  return callStore(() => singleUse.take(key, newCallId()));
};

const claimKey = (state: string): Promise<string> => singleUseKey(`bff login\n${state}`);
const resultKey = (state: string): Promise<string> => singleUseKey(`bff login result\n${state}`);
