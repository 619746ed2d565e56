export { type Bff, createBff } from './bff.ts';
export type { BffEvent } from './events.ts';
export type { BffHooks, BffLogin, LoginResult } from './hooks.ts';
export type { BffOptions } from './options.ts';
export type { ProviderOptions } from './provider/provider.ts';
export type {
  DpopKey,
  UpstreamToken,
  UpstreamTokenRequest,
  UpstreamTokens,
} from './upstream/upstream-token.ts';
export type { BffData, UpstreamSession } from './vault/upstream-session.ts';
