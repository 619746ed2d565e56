export {
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
} from './rate-limit/rate-limiter.ts';
export type { RateLimit, RateLimitOutcome } from './store/rate-limit-store.ts';
