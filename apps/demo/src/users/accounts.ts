import { randomUUID } from 'node:crypto';
import { argon2id, type Passwords } from './passwords.ts';
import type { Account, User, UserTable } from './user-table.ts';

/** Users and their passwords, which Pawl leaves to the application. */
export class Accounts {
  readonly #users: UserTable;
  readonly #passwords: Passwords;
  /** Compared with if the user is unknown, so that this takes as long as for a known user. */
  readonly #dummyHash: Promise<string>;

  constructor(users: UserTable, passwords: Passwords = argon2id) {
    this.#users = users;
    this.#passwords = passwords;
    this.#dummyHash = passwords.hash(randomUUID());
  }

  /** Returns null if the name is taken. */
  async register(name: string, password: string): Promise<User | null> {
    const user = { id: randomUUID(), name };
    const passwordHash = await this.#passwords.hash(password);
    return (await this.#users.add({ ...user, passwordHash })) ? user : null;
  }

  /** Returns null for an unknown name and for a wrong password, in the same time. */
  async authenticate(name: string, password: string): Promise<User | null> {
    const account = await this.#users.byName(name);
    const passwordHash = account?.passwordHash ?? (await this.#dummyHash);
    const matches = await this.#passwords.verify(passwordHash, password);
    return account && matches ? view(account) : null;
  }

  async find(id: string): Promise<User | null> {
    const account = await this.#users.byId(id);
    return account && view(account);
  }

  async findByName(name: string): Promise<User | null> {
    const account = await this.#users.byName(name);
    return account && view(account);
  }

  async hasPassword(id: string, password: string): Promise<boolean> {
    const account = await this.#users.byId(id);
    return account !== null && (await this.#passwords.verify(account.passwordHash, password));
  }

  /** Hashes a new password. It is slow by design, so call it before a transaction. */
  hash(password: string): Promise<string> {
    return this.#passwords.hash(password);
  }
}

const view = ({ id, name }: Account): User => ({ id, name });
