export {
  applyGuard,
  applyLimit,
  applyToResponse,
  authIfAny,
  type GuardedRequest,
  requireAuth,
} from './node/apply.ts';
export { assertAllowed, RefusedError, refusalFor } from './node/refused-error.ts';
export { setNodeHeaders, withCookies } from './node/response.ts';
