import type { Kysely } from 'kysely';
import { asUnavailable } from './unavailable.ts';

interface UserRow {
  id: string;
  /** As it was typed first. */
  name: string;
  /** The name without what is no difference to a reader; unique. */
  name_key: string;
  password_hash: string;
}

export interface UserTables {
  demo_users: UserRow;
}

export interface User {
  readonly id: string;
  readonly name: string;
}

export interface Account extends User {
  readonly passwordHash: string;
}

/**
 * The users' rows, of a database or of one transaction. A database that does not
 * answer is a `StoreUnavailableError`: as little a "no such user" as a logout.
 */
export class UserTable {
  readonly #db: Kysely<UserTables>;

  constructor(db: Kysely<UserTables>) {
    this.#db = db;
  }

  /** False if the name is taken. Of two at once, one gets it. */
  async add({ id, name, passwordHash }: Account): Promise<boolean> {
    const row = { id, name, name_key: keyOf(name), password_hash: passwordHash };
    try {
      await this.#db.insertInto('demo_users').values(row).execute();
      return true;
    } catch (error) {
      // Each driver says it in its own way; whether the name is there is one question to all.
      if (await this.byName(name)) return false;
      throw asUnavailable(error);
    }
  }

  byId(id: string): Promise<Account | null> {
    return this.#find('id', id);
  }

  byName(name: string): Promise<Account | null> {
    return this.#find('name_key', keyOf(name));
  }

  /** False if there is no such user. */
  async setPasswordHash(id: string, passwordHash: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('demo_users')
      .set({ password_hash: passwordHash })
      .where('id', '=', id)
      .executeTakeFirst()
      .catch(unavailable);
    return numUpdatedRows > 0n;
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('demo_users').where('id', '=', id).execute().catch(unavailable);
  }

  async #find(column: 'id' | 'name_key', value: string): Promise<Account | null> {
    const row = await this.#db
      .selectFrom('demo_users')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst()
      .catch(unavailable);
    return row ? { id: row.id, name: row.name, passwordHash: row.password_hash } : null;
  }
}

const unavailable = (error: unknown): never => {
  throw asUnavailable(error);
};

/** One name, however it is typed. */
const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase();
