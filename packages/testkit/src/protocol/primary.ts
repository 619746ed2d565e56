import type { Clock } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';

/** Nodes of a store as they are opened for one run. */
export type OpenNodes = (clock: Clock) => Promise<readonly SessionStore[]>;

/**
 * What the driver does to a call that changes something:
 * - `once`: nothing;
 * - `twice`: it loses the reply, and sends the call again;
 * - `lost`: it loses the reply, and gives up.
 */
export type Driver = 'once' | 'twice' | 'lost';

/** A call as the store got it, to be made again when the store is built anew. */
interface Entry {
  readonly at: number;
  readonly node: number;
  readonly call: (store: SessionStore) => Promise<unknown>;
}

/** The verbs whose reply `lost` loses: each is the last one of its operation. */
const losable = new Set(['rotate', 'elevate', 'writeData', 'revoke', 'revokeAll']);

/**
 * A store that can lose what was written last, as one does that fails over to a replica which is
 * behind: it keeps every call, and is built anew from the first ones of them, each at its time.
 */
export class Primary {
  /** Stay the same, whatever is behind them. */
  readonly stores: readonly SessionStore[];
  driver: Driver = 'once';
  readonly #clock: Clock;
  readonly #open: OpenNodes;
  #nodes: readonly SessionStore[];
  #entries: Entry[] = [];
  #replayedAt: number | null = null;

  /** @param clock of the store; a store that is built anew is given the times of its calls by it */
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

  /** How many calls there were. */
  get position(): number {
    return this.#entries.length;
  }

  /** Forgets all calls but the first `position`. */
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

  async #through<T>(
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
    const through = <T>(verb: string, call: (store: SessionStore) => Promise<T>): Promise<T> =>
      this.#through(node, verb, call);
    return {
      create: (session, limit) => through('create', (store) => store.create(session, limit)),
      find: (id, activity) => through('find', (store) => store.find(id, activity)),
      rotate: (input) => through('rotate', (store) => store.rotate(input)),
      elevate: (input) => through('elevate', (store) => store.elevate(input)),
      writeData: (input) => through('writeData', (store) => store.writeData(input)),
      touch: (id, generation) => through('touch', (store) => store.touch(id, generation)),
      revoke: (input) => through('revoke', (store) => store.revoke(input)),
      revokeAll: (input) => through('revokeAll', (store) => store.revokeAll(input)),
      list: (userId) => through('list', (store) => store.list(userId)),
      deleteExpired: () => through('deleteExpired', (store) => store.deleteExpired()),
    };
  }
}
