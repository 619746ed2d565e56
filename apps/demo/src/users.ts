import { randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** How passwords are kept. */
export interface Passwords {
  readonly hash: (password: string) => Promise<string>;
  readonly verify: (passwordHash: string, password: string) => Promise<boolean>;
}

export interface User {
  readonly id: string;
  readonly name: string;
}

interface Account extends User {
  passwordHash: string;
}

/** Argon2id with the parameters of OWASP's password storage cheat sheet: 19 MiB, two passes. */
const strength = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Memory-hard: what a thief of the hashes pays for every guess. */
export const argon2id: Passwords = { hash: (password) => hash(password, strength), verify };

/** The users of this process: they are gone when it ends. */
export class Users {
  readonly #passwords: Passwords;
  readonly #byId = new Map<string, Account>();
  readonly #byName = new Map<string, Account>();
  /** What the password of nobody is compared with, so that nobody takes as long as somebody. */
  readonly #nobody: Promise<string>;

  constructor(passwords: Passwords = argon2id) {
    this.#passwords = passwords;
    this.#nobody = passwords.hash(randomUUID());
  }

  /** Null if the name is taken. Of two at once, one gets it. */
  async register(name: string, password: string): Promise<User | null> {
    const key = keyOf(name);
    const passwordHash = await this.#passwords.hash(password);
    if (this.#byName.has(key)) return null;
    const account = { id: randomUUID(), name, passwordHash };
    this.#byId.set(account.id, account);
    this.#byName.set(key, account);
    return view(account);
  }

  /** Null for an unknown name and for a wrong password alike, in the same time. */
  async authenticate(name: string, password: string): Promise<User | null> {
    const account = this.#byName.get(keyOf(name));
    const passwordHash = account?.passwordHash ?? (await this.#nobody);
    const matches = await this.#passwords.verify(passwordHash, password);
    return account && matches ? view(account) : null;
  }

  find(id: string): User | null {
    const account = this.#byId.get(id);
    return account ? view(account) : null;
  }

  async hasPassword(id: string, password: string): Promise<boolean> {
    const account = this.#byId.get(id);
    return account !== undefined && (await this.#passwords.verify(account.passwordHash, password));
  }

  /**
   * Sets a password, then does `also`; if that fails, the old password is back.
   * False if there is no such user.
   */
  async changePassword(id: string, password: string, also: () => Promise<void>): Promise<boolean> {
    const passwordHash = await this.#passwords.hash(password);
    const account = this.#byId.get(id);
    if (!account) return false;
    const before = account.passwordHash;
    account.passwordHash = passwordHash;
    try {
      await also();
    } catch (error) {
      if (account.passwordHash === passwordHash) account.passwordHash = before;
      throw error;
    }
    return true;
  }

  remove(id: string): void {
    const account = this.#byId.get(id);
    if (!account) return;
    this.#byId.delete(id);
    this.#byName.delete(keyOf(account.name));
  }
}

/** One name, however it is typed. */
const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase();

const view = ({ id, name }: Account): User => ({ id, name });
