const noIds: ReadonlySet<string> = new Set();

/** The ids of each user. A user without ids uses no memory. */
export class UserIndex {
  readonly #idsOf = new Map<string, Set<string>>();

  /** The number of users that have ids. */
  get size(): number {
    return this.#idsOf.size;
  }

  /** Returns the ids of a user. */
  of(userId: string): ReadonlySet<string> {
    return this.#idsOf.get(userId) ?? noIds;
  }

  add(userId: string, id: string): void {
    const ids = this.#idsOf.get(userId);
    if (ids) ids.add(id);
    else this.#idsOf.set(userId, new Set([id]));
  }

  remove(userId: string, id: string): void {
    const ids = this.#idsOf.get(userId);
    if (ids?.delete(id) && ids.size === 0) this.#idsOf.delete(userId);
  }
}
