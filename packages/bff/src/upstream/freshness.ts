import type { UpstreamTokenSet } from '../sealing/token-set.ts';

/**
 * - `fresh`: nothing to do;
 * - `due`: still good, to be refreshed before it is not;
 * - `over`: not to be sent any more.
 */
export type Freshness = 'fresh' | 'due' | 'over';

/** In ms: what a request may take to arrive. */
const margin = 2_000;

/**
 * Judges an upstream access token. Sessions of one moment become due at different
 * ones: up to half as much earlier, by their id.
 *
 * @param ahead in ms; of a short-lived token at most a quarter of its life
 */
export const freshnessOf = (
  { expiresAt, obtainedAt }: Pick<UpstreamTokenSet, 'expiresAt' | 'obtainedAt'>,
  sessionId: string,
  now: number,
  ahead: number,
): Freshness => {
  if (expiresAt === null) return 'fresh';
  const lifetime = Math.max(0, expiresAt - obtainedAt);
  if (now >= expiresAt - Math.min(margin, lifetime / 10)) return 'over';
  const early = Math.min(ahead, lifetime / 4) * (1 + shareOf(sessionId) / 2);
  return now >= expiresAt - early ? 'due' : 'fresh';
};

/** 0 … 1, always the same for the same session (FNV-1a). */
const shareOf = (sessionId: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < sessionId.length; at++) {
    hash = Math.imul(hash ^ sessionId.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash / 0xffffffff;
};
