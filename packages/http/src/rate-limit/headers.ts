import type { RateLimit, RateLimitOutcome } from '@pawl/core/rate-limits';

const seconds = (ms: number): number => Math.ceil(ms / 1_000);

/**
 * Returns the headers that describe a client's bucket: the customary `X-RateLimit-…`, in seconds
 * from now, and those of draft-ietf-httpapi-ratelimit-headers.
 */
export const rateLimitHeaders = (
  name: string,
  { capacity, refillInterval }: RateLimit,
  { allowed, remaining, retryAfter, resetAfter }: RateLimitOutcome,
): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': `${capacity}`,
  'x-ratelimit-remaining': `${remaining}`,
  'x-ratelimit-reset': `${seconds(resetAfter)}`,
  'ratelimit-policy': `"${name}";q=${capacity};w=${seconds(capacity * refillInterval)}`,
  ratelimit: `"${name}";r=${remaining};t=${seconds(resetAfter)}`,
  // RFC 9110 § 10.2.3.
  ...(!allowed && { 'retry-after': `${seconds(retryAfter)}` }),
});
