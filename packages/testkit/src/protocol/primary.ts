import type { Clock } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';

/** Opens the nodes of an empty store. */
export type OpenNodes = (clock: Clock) => Promise<readonly SessionStore[]>;

/**
 * What the driver does to a call that changes something:
 * - `once`: nothing;
 * - `twice`: it loses the reply and sends the call again;
 * - `lost`: it loses the reply and throws.
 */
export type Driver = 'once' | 'twice' | 'lost';

/** A call that the store received, to be made again on a rebuilt store. */
interface Entry {
  readonly at: number;
  readonly node: number;
  readonly call: (store: SessionStore) => Promise<unknown>;
}

/** The verbs whose reply the driver `lost` loses. Each is the last one of its operation. */
const losable = new Set(['rotate', 'elevate', 'writeData', 'revoke', 'revokeAll']);

/**
 * A store that can lose its last writes, like one that fails over to a replica that is behind. It keeps
 * every call; a failover opens an empty store and makes the first calls again, each at its time.
 */
export class Primary {
  /** The nodes. They stay the same after a failover. */
  readonly stores: readonly SessionStore[];
  driver: Driver = 'once';
  readonly #clock: Clock;
  readonly #open: OpenNodes;
  #nodes: readonly SessionStore[];
  #entries: Entry[] = [];
  #replayedAt: number | null = null;

  /** @param clock the clock of the store; a rebuilt store gets the times of the earlier calls */
  static async open(clock: Clock, open: OpenNodes): Promise<Primary> {
    const primary = new Primary(clock, open);
    await primary.#reopen();
    return primary;
  }

  private constructor(clock: Clock, open: OpenNodes) {
    this.#clock = clock;
    this.#open = open;
    this.#nodes = [];
    this.stores = [0, 1].map((node) => this.#store(node));
  }

  /** The number of calls so far. */
  get position(): number {
    return this.#entries.length;
  }

  /** Loses all calls after the first `position`. */
  async failOver(position: number): Promise<void> {
    this.#entries = this.#entries.slice(0, position);
    await this.#reopen();
    for (const { at, node, call } of this.#entries) {
      this.#replayedAt = at;
      await call(this.#at(node)).catch(() => undefined);
    }
    this.#replayedAt = null;
  }

  async #reopen(): Promise<void> {
    this.#nodes = await this.#open(() => this.#replayedAt ?? this.#clock());
  }

  #at(node: number): SessionStore {
    return this.#nodes[node % this.#nodes.length] as SessionStore;
  }

  async #call<T>(
    node: number,
    verb: string,
    call: (store: SessionStore) => Promise<T>,
  ): Promise<T> {
    const { driver } = this;
    this.#entries.push({ at: this.#clock(), node, call });
    const reply = await call(this.#at(node));
    if (driver === 'twice') return call(this.#at(node));
    if (driver === 'lost' && losable.has(verb)) throw new Error('the connection was lost');
    return reply;
  }

  #store(node: number): SessionStore {
    const perform = <T>(verb: string, call: (store: SessionStore) => Promise<T>): Promise<T> =>
      this.#call(node, verb, call);
    return {
      create: (session, limit) => perform('create', (store) => store.create(session, limit)),
      find: (id, activity) => perform('find', (store) => store.find(id, activity)),
      rotate: (input) => perform('rotate', (store) => store.rotate(input)),
      elevate: (input) => perform('elevate', (store) => store.elevate(input)),
      writeData: (input) => perform('writeData', (store) => store.writeData(input)),
      touch: (id, generation) => perform('touch', (store) => store.touch(id, generation)),
      revoke: (input) => perform('revoke', (store) => store.revoke(input)),
      revokeAll: (input) => perform('revokeAll', (store) => store.revokeAll(input)),
      list: (userId, page) => perform('list', (store) => store.list(userId, page)),
      deleteExpired: () => perform('deleteExpired', (store) => store.deleteExpired()),
    };
  }
}
