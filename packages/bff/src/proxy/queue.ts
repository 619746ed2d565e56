/** The place of one value in a {@link Queue}. */
export interface Entry {
  /** Removes the value. Calling it again does nothing. */
  remove(): void;
}

/** A link of the ring. After its removal it points only at itself. */
class Link<T> implements Entry {
  readonly value: T | undefined;
  previous: Link<T> = this;
  next: Link<T> = this;

  constructor(value?: T) {
    this.value = value;
  }

  remove(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this.next = this;
  }
}

/**
 * A first-in, first-out queue from which any value can be removed. For what every request adds
 * and removes.
 *
 * A `Set` or `Map` would do, but a busy one is copied to a new table again and again; each old
 * table points to the next one and keeps what it held. Once one old table has been promoted to
 * the garbage collector's old generation, all tables after it stay in memory, and the requests
 * with them: the proxy then needed twice the CPU time for several seconds.
 */
export class Queue<T> {
  readonly #ring = new Link<T>();

  /** The value that was added first. */
  get first(): T | undefined {
    return this.#ring.next.value;
  }

  add(value: T): Entry {
    const ring = this.#ring;
    const link = new Link(value);
    link.previous = ring.previous;
    link.next = ring;
    ring.previous.next = link;
    ring.previous = link;
    return link;
  }

  /** Removes and returns the first value. */
  shift(): T | undefined {
    const link = this.#ring.next;
    link.remove();
    return link.value;
  }
}
