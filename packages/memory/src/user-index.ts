const none: ReadonlySet<string> = new Set();

/** Which ids a user has. A user without any leaves no trace. */
export class UserIndex {
  readonly #idsOf = new Map<string, Set<string>>();

  /** How many users have any. */
  get size(): number {
    return this.#idsOf.size;
  }

  of(userId: string): ReadonlySet<string> {
    return this.#idsOf.get(userId) ?? none;
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
