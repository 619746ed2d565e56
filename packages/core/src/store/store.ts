import type { ApiKeyStore } from './api-key-store.ts';
import type { BlocklistStore } from './blocklist-store.ts';
import type { LeaseStore } from './lease-store.ts';
import type { RateLimitStore } from './rate-limit-store.ts';
import type { SessionStore } from './session-store.ts';
import type { SingleUseStore } from './single-use-store.ts';

/**
 * Lengths of texts are in UTF-16 units, as `length` counts them: a unit takes up to three bytes in UTF-8,
 * and a character outside the Basic Multilingual Plane counts as two units and takes four bytes. So 255
 * units are up to 765 bytes. An adapter stores every text up to the stated length unchanged.
 *
 * The result of an adapter's `create<Name>Store(client, options)`: one part per port. An adapter may
 * omit parts; an API that needs some says so by its type, as in `Pick<Store, 'sessions'>`.
 */
export interface Store {
  readonly sessions: SessionStore;
  readonly blocklist: BlocklistStore;
  readonly singleUse: SingleUseStore;
  readonly apiKeys: ApiKeyStore;
  readonly leases: LeaseStore;
  readonly rateLimits: RateLimitStore;
}
