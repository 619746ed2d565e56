export type {
  DpopKey,
  UpstreamToken,
  UpstreamTokenRequest,
  UpstreamTokens,
} from './upstream/upstream-token.ts';
