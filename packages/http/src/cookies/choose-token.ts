import type { TokenIdentity } from '@pawl/core';
import type { AnyHttpSettings } from '../settings.ts';

/**
 * Chooses between several session cookies, which an earlier deployment or a broken client may
 * have left behind. What was not issued here is ignored. If the rest belongs to one session, its
 * newest token is chosen.
 *
 * @returns null if there is no such token, or if the tokens belong to several sessions
 */
export const chooseToken = async (
  { issuer: { sessions } }: AnyHttpSettings,
  tokens: readonly string[],
): Promise<string | null> => {
  if (!sessions) return null;
  let chosen: { readonly token: string; readonly identity: TokenIdentity } | null = null;
  for (const token of [...new Set(tokens)].slice(0, maxCookies)) {
    const identity = await sessions.identify(token);
    if (!identity) continue;
    if (chosen && chosen.identity.sessionId !== identity.sessionId) return null;
    if (!chosen || isNewer(identity, chosen.identity)) chosen = { token, identity };
  }
  return chosen?.token ?? null;
};

/** A session token was issued after an access token of its generation, by a newer version. */
const isNewer = (one: TokenIdentity, other: TokenIdentity): boolean =>
  one.generation > other.generation ||
  (one.generation === other.generation && one.type === 'refresh');

/** More are ignored: each costs a check, and no browser keeps one name on so many paths. */
const maxCookies = 8;
