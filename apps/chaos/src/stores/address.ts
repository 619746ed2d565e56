import type { Store } from '@pawl/core/store';

/** The connection of one node to a store. */
export interface Connected {
  readonly store: Pick<Store, 'sessions'>;
  readonly close: () => Promise<void>;
}

/** The address of a store, with which any process can connect to it. */
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
      /** Whether a write is acknowledged only when one replica has it. */
      readonly wait: boolean;
    };

export type StoreName = StoreAddress['store'];

/** How a node connects to a store. */
export interface ConnectOptions {
  /** The maximum number of connections of a pool. Default 10. */
  readonly connections?: number;
  /** The timeout of a call in the driver, in ms. Default 5,000. */
  readonly timeout?: number;
}
