export {
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
} from './rate-limit/rate-limiter.ts';
export { validateRateLimit } from './store/rate-limit.ts';
export type { RateLimit, RateLimitOutcome, RateLimitStore } from './store/rate-limit-store.ts';
