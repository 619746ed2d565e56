export { type Bff, createBff } from './bff.ts';
export type { BffEvent } from './events.ts';
export type {
  BffHooks,
  BffLogin,
  BffLoginResult,
  BffLogoutNotification,
  BffRefreshNotification,
} from './hooks.ts';
export type { BffOptions } from './options.ts';
export type { OAuthUser, OAuthUserRequest, ProviderEndpoints } from './provider/plain-oauth.ts';
export type { ProviderOptions } from './provider/provider.ts';
export type { BffData, UpstreamSession } from './sealing/upstream-session.ts';
export type {
  DpopKey,
  UpstreamToken,
  UpstreamTokenRequest,
  UpstreamTokenSource,
} from './upstream/upstream-token.ts';
