import type { Clock } from '@pawl/core';
import type { Lease, Store } from '@pawl/core/store';

/** A session of the first edition, and what its client has. The newest tokens are last. */
export interface KeptSession {
  readonly sessionId: string;
  readonly userId: string;
  /** The last three, as far as there were so many. */
  readonly refreshTokens: readonly string[];
  /** The last two. */
  readonly accessTokens: readonly string[];
}

/** An API key of the first edition. */
export interface KeptApiKey {
  readonly keyId: string;
  readonly apiKey: string;
}

/** What the first edition handed out. Each store keeps beside it what it left in that store. */
export interface FirstEdition {
  /** In ms since the epoch. */
  readonly madeAt: number;
  /** The root secret. */
  readonly secret: string;
  readonly sessions: Readonly<Record<string, KeptSession>>;
  readonly apiKeys: Readonly<Record<string, KeptApiKey>>;
  /** `released` was given back. */
  readonly leases: Readonly<Record<'held' | 'released', Lease>>;
}

/** A store of this version on what the first edition left. */
export interface OpenedStore {
  readonly store: Store;
  /** The store's time. Default: the machine's. */
  readonly clock?: Clock | undefined;
  readonly close: () => Promise<void>;
}

/** How a test gets at the store, and how old the data in it is, in ms. */
export interface Upgraded {
  readonly made: FirstEdition;
  readonly age: number;
  readonly opened: () => OpenedStore;
}
