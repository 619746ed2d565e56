import { createHash, randomUUID } from 'node:crypto';
import { argon2id, type Passwords } from './passwords.ts';
import type { Account, User, UserTable } from './user-table.ts';

/** A user, and the password that the user had at that time. */
export interface AuthenticatedUser {
  readonly user: User;
  /** Changes with the password. */
  readonly passwordVersion: string;
}

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

  /** Returns null if the user name is taken. */
  async register(
    username: string,
    password: string,
    fullName: string | null = null,
  ): Promise<AuthenticatedUser | null> {
    const passwordHash = await this.#passwords.hash(password);
    const account = { id: randomUUID(), username, fullName, passwordHash };
    return (await this.#users.add(account)) ? authenticated(account) : null;
  }

  /** Returns null for an unknown name and for a wrong password, in the same time. */
  async authenticate(username: string, password: string): Promise<AuthenticatedUser | null> {
    const account = await this.#users.byName(username);
    const passwordHash = account?.passwordHash ?? (await this.#dummyHash);
    const matches = await this.#passwords.verify(passwordHash, password);
    return account && matches ? authenticated(account) : null;
  }

  async find(id: string): Promise<User | null> {
    const account = await this.#users.byId(id);
    return account && view(account);
  }

  /** Returns a user and the version of the password, for a login without it. */
  async findByName(username: string): Promise<AuthenticatedUser | null> {
    const account = await this.#users.byName(username);
    return account && authenticated(account);
  }

  /** The same as {@link findByName}, by id. */
  async findById(id: string): Promise<AuthenticatedUser | null> {
    const account = await this.#users.byId(id);
    return account && authenticated(account);
  }

  /** Whether the user still exists and has the password of this version. */
  async hasPasswordVersion(id: string, passwordVersion: string): Promise<boolean> {
    const account = await this.#users.byId(id);
    return account !== null && versionOf(account) === passwordVersion;
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

const view = ({ id, username, fullName }: Account): User => ({
  id,
  username,
  name: fullName ?? username,
});

const authenticated = (account: Account): AuthenticatedUser => ({
  user: view(account),
  passwordVersion: versionOf(account),
});

/** Every new password has another hash, because of its salt. The hash itself stays in the table. */
const versionOf = ({ passwordHash }: Account): string =>
  createHash('sha256').update(passwordHash).digest('base64url');
