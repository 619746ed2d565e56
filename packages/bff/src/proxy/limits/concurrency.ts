import { type EndReason, ExchangeEnded } from '../failure.ts';
import { type Entry, Queue } from '../queue.ts';

/** Gives a place back. */
export type Leave = () => void;

/** Options of {@link Concurrency}. */
export interface ConcurrencyOptions {
  /** How many may be inside at once, per key. */
  readonly limit: number;
  /** In ms: how long another one waits. With 0 it is refused at once. */
  readonly maxWait: number;
  /** The end of one that waited in vain. */
  readonly reason: EndReason;
}

interface Waiter {
  readonly enter: () => void;
}

interface Room {
  inside: number;
  waitingCount: number;
  readonly waiting: Queue<Waiter>;
}

/** How many may wait per place. */
const waitingPerPlace = 4;

/** Bounds how many requests of one key, such as a session, are in progress; more of them wait. */
export class Concurrency {
  readonly #options: ConcurrencyOptions;
  readonly #rooms = new Map<string, Room>();

  constructor(options: ConcurrencyOptions) {
    this.#options = options;
  }

  /** The number of keys with requests in progress. */
  get size(): number {
    return this.#rooms.size;
  }

  /** Enters at once where there is room. @throws ExchangeEnded after waiting in vain */
  enter(key: string): Leave | Promise<Leave> {
    const { limit } = this.#options;
    let room = this.#rooms.get(key);
    if (!room) {
      room = { inside: 0, waitingCount: 0, waiting: new Queue() };
      this.#rooms.set(key, room);
    }
    if (room.inside >= limit) return this.#wait(key, room);
    room.inside += 1;
    return this.#leaveOnce(key, room);
  }

  #leaveOnce(key: string, room: Room): Leave {
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const next = room.waiting.shift();
      // The place is handed over, so that nobody who came later takes it.
      if (next) return next.enter();
      room.inside -= 1;
      if (room.inside === 0) this.#rooms.delete(key);
    };
  }

  #wait(key: string, room: Room): Promise<Leave> {
    const { limit, maxWait, reason } = this.#options;
    if (maxWait === 0 || room.waitingCount >= limit * waitingPerPlace) {
      return Promise.reject(new ExchangeEnded(reason));
    }
    return new Promise((resolve, reject) => {
      room.waitingCount += 1;
      const timer = setTimeout(() => {
        entry.remove();
        room.waitingCount -= 1;
        reject(new ExchangeEnded(reason));
      }, maxWait);
      timer.unref();
      const entry: Entry = room.waiting.add({
        enter: () => {
          clearTimeout(timer);
          room.waitingCount -= 1;
          resolve(this.#leaveOnce(key, room));
        },
      });
    });
  }
}
