import type { Kysely } from 'kysely';
import { toUnavailable } from './unavailable.ts';

interface UserRow {
  id: string;
  /** The user name, as the user wrote it. */
  name: string;
  /** The normalized name. Unique. */
  name_key: string;
  password_hash: string;
  /** Null: the user gave none, or is older than this column. */
  full_name: string | null;
}

export interface UserTables {
  demo_users: UserRow;
}

export interface User {
  readonly id: string;
  /** What the user logs in with. */
  readonly username: string;
  /** What the user is called: the full name, or the user name if there is none. */
  readonly name: string;
}

export interface Account extends Omit<User, 'name'> {
  readonly fullName: string | null;
  readonly passwordHash: string;
}

/**
 * The rows of the users, in a database or in one transaction. If the database fails, a
 * `StoreUnavailableError` is thrown: that is neither a missing user nor a logout.
 */
export class UserTable {
  readonly #db: Kysely<UserTables>;

  constructor(db: Kysely<UserTables>) {
    this.#db = db;
  }

  /** Returns false if the name is taken. If two requests add it at once, one succeeds. */
  async add({ id, username, fullName, passwordHash }: Account): Promise<boolean> {
    const row = {
      id,
      name: username,
      name_key: keyOf(username),
      password_hash: passwordHash,
      full_name: fullName,
    };
    try {
      await this.#db.insertInto('demo_users').values(row).execute();
      return true;
    } catch (error) {
      // Each driver reports a conflict differently, so check whether the name exists.
      if (await this.byName(username)) return false;
      throw toUnavailable(error);
    }
  }

  byId(id: string): Promise<Account | null> {
    return this.#find('id', id);
  }

  byName(username: string): Promise<Account | null> {
    return this.#find('name_key', keyOf(username));
  }

  /** Returns false if there is no such user. */
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
    if (!row) return null;
    const { id, name: username, full_name: fullName, password_hash: passwordHash } = row;
    return { id, username, fullName, passwordHash };
  }
}

const unavailable = (error: unknown): never => {
  throw toUnavailable(error);
};

/** The same key for all ways to write a user name. */
export const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase();
