import type { UpstreamTokenSet } from '../sealing/token-set.ts';

/**
 * - `fresh`: use it;
 * - `due`: still valid, but refresh it now;
 * - `expired`: do not send it any more.
 */
export type Freshness = 'fresh' | 'due' | 'expired';

/** In ms: allows for the time that a request takes to arrive. */
const margin = 2_000;

/**
 * Returns the freshness of an upstream access token. Tokens of sessions that began together
 * become due at different times: up to half of `ahead` earlier, depending on the session id.
 *
 * @param ahead in ms; at most a quarter of the token's lifetime is used
 */
export const freshnessOf = (
  { expiresAt, obtainedAt }: Pick<UpstreamTokenSet, 'expiresAt' | 'obtainedAt'>,
  sessionId: string,
  now: number,
  ahead: number,
): Freshness => {
  if (expiresAt === null) return 'fresh';
  const lifetime = Math.max(0, expiresAt - obtainedAt);
  if (now >= expiresAt - Math.min(margin, lifetime / 10)) return 'expired';
  const early = Math.min(ahead, lifetime / 4) * (1 + fractionOf(sessionId) / 2);
  return now >= expiresAt - early ? 'due' : 'fresh';
};

/** Returns 0 to 1, always the same for the same session (FNV-1a). */
const fractionOf = (sessionId: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < sessionId.length; at++) {
    hash = Math.imul(hash ^ sessionId.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash / 0xffffffff;
};
