/** Where one entry stands. */
export interface Place {
  /** Leaves; again, it does nothing. */
  leave(): void;
}

/** A link of the ring. One that has left points at nothing but itself. */
class Link<T> implements Place {
  readonly entry: T | undefined;
  before: Link<T> = this;
  after: Link<T> = this;

  constructor(entry?: T) {
    this.entry = entry;
  }

  leave(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this.after = this;
  }
}

/**
 * What has come in and may leave at any time, first come first served: for what every request
 * enters and leaves.
 *
 * A `Set` or `Map` would do, but a busy one is copied to a new table again and again, each old
 * table points at the next one and holds what it held. Once a single old table is old enough for
 * the garbage collector to look at it rarely, all that follow it stay, and every request with
 * them: a proxy took twice the processor for seconds on end.
 */
export class Queue<T> {
  readonly #ring = new Link<T>();

  /** The one that has been here for longest. */
  get first(): T | undefined {
    return this.#ring.after.entry;
  }

  add(entry: T): Place {
    const ring = this.#ring;
    const link = new Link(entry);
    link.before = ring.before;
    link.after = ring;
    ring.before.after = link;
    ring.before = link;
    return link;
  }

  /** Takes the first out. */
  shift(): T | undefined {
    const link = this.#ring.after;
    link.leave();
    return link.entry;
  }
}
