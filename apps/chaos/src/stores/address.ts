import type { Store } from '@pawl/core/store';

/** A store as one node uses it. */
export interface Connected {
  readonly store: Pick<Store, 'sessions'>;
  readonly close: () => Promise<void>;
}

/** Where a store is: enough for any process to connect to it. */
export type StoreAddress =
  | { readonly store: 'memory' }
  | { readonly store: 'sqlite'; readonly file: string }
  | { readonly store: 'postgres' | 'mariadb'; readonly url: string }
  | { readonly store: 'redis'; readonly port: number }
  | { readonly store: 'redis cluster'; readonly ports: readonly number[] }
  | {
      readonly store: 'redis sentinel';
      readonly name: string;
      readonly ports: readonly number[];
      /** Whether writes are acknowledged only when one replica has them. */
      readonly wait: boolean;
    };

export type StoreName = StoreAddress['store'];

/** How a node uses it. */
export interface ConnectOptions {
  /** How many connections a pool holds at most. Default: 10. */
  readonly connections?: number;
  /** In ms: how long a call may take before the driver gives it up. Default: 5,000. */
  readonly timeout?: number;
}
