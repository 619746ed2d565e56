import type { ApiKeyStore } from './api-key-store.ts';
import type { BlocklistStore } from './blocklist-store.ts';
import type { LeaseStore } from './lease-store.ts';
import type { RateLimitStore } from './rate-limit-store.ts';
import type { SessionStore } from './session-store.ts';
import type { SingleUseStore } from './single-use-store.ts';

/**
 * What an adapter's `create<Name>Store(client, options)` returns: a part per
 * port. An adapter may leave parts out; who needs one asks for it by type, as in
 * `Pick<Store, 'sessions'>`.
 */
export interface Store {
  readonly sessions: SessionStore;
  readonly blocklist: BlocklistStore;
  readonly singleUse: SingleUseStore;
  readonly apiKeys: ApiKeyStore;
  readonly leases: LeaseStore;
  readonly rateLimits: RateLimitStore;
}
