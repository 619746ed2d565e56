export type { Auth, Authentication, IssuedTokens, SessionInput } from '@pawl/core';
export { peerAddress } from './client-address/peer-address.ts';
export { cookiesToAdd, type PendingCookies } from './cookies/pending-cookies.ts';
export {
  applyGuard,
  applyLimit,
  applyToResponse,
  deliverTo,
  guardCall,
} from './node/apply.ts';
export {
  assertAllowed,
  isRefusedError,
  RefusedError,
  refusalFor,
  throwIfRefused,
} from './node/refused-error.ts';
export { setNodeHeaders } from './node/response.ts';
export { guardResponseHead, type NodeResponseHead } from './node/response-head.ts';
export { createUpgradeGuard, type UpgradeGuard } from './node/upgrade.ts';
export type { FrameworkTypes, PawlBinding } from './pawl-binding.ts';
export { type AuthOf, authIfAny, type GuardedRequest, requireAuth } from './request-auth.ts';
export { setWebCookies, waitUntilOf } from './web.ts';
