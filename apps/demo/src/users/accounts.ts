import { randomUUID } from 'node:crypto';
import { argon2id, type Passwords } from './passwords.ts';
import type { Account, User, UserTable } from './user-table.ts';

/** Users and their passwords: what Pawl leaves to the application. */
export class Accounts {
  readonly #users: UserTable;
  readonly #passwords: Passwords;
  /** What the password of nobody is compared with, so that nobody takes as long as somebody. */
  readonly #nobody: Promise<string>;

  constructor(users: UserTable, passwords: Passwords = argon2id) {
    this.#users = users;
    this.#passwords = passwords;
    this.#nobody = passwords.hash(randomUUID());
  }

  /** Null if the name is taken. */
  async register(name: string, password: string): Promise<User | null> {
    const user = { id: randomUUID(), name };
    const passwordHash = await this.#passwords.hash(password);
    return (await this.#users.add({ ...user, passwordHash })) ? user : null;
  }

  /** Null for an unknown name and for a wrong password alike, in the same time. */
  async authenticate(name: string, password: string): Promise<User | null> {
    const account = await this.#users.byName(name);
    const passwordHash = account?.passwordHash ?? (await this.#nobody);
    const matches = await this.#passwords.verify(passwordHash, password);
    return account && matches ? view(account) : null;
  }

  async find(id: string): Promise<User | null> {
    const account = await this.#users.byId(id);
    return account && view(account);
  }

  async named(name: string): Promise<User | null> {
    const account = await this.#users.byName(name);
    return account && view(account);
  }

  async hasPassword(id: string, password: string): Promise<boolean> {
    const account = await this.#users.byId(id);
    return account !== null && (await this.#passwords.verify(account.passwordHash, password));
  }

  /** What a new password is to be kept as. Slow by design: before a transaction, not in it. */
  hash(password: string): Promise<string> {
    return this.#passwords.hash(password);
  }
}

const view = ({ id, name }: Account): User => ({ id, name });
