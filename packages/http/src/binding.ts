export type { Auth, Authentication, IssuedTokens, SessionInput } from '@pawl/core';
export { applyGuard, applyLimit, applyToResponse } from './node/apply.ts';
export { assertAllowed, isRefusedError, RefusedError, refusalFor } from './node/refused-error.ts';
export { clearingHeaders, setNodeHeaders, withCookies } from './node/response.ts';
export { createUpgradeGuard, type UpgradeGuard } from './node/upgrade.ts';
export type { FrameworkTypes, PawlBinding } from './pawl-binding.ts';
export { type AuthOf, authIfAny, type GuardedRequest, requireAuth } from './request-auth.ts';
