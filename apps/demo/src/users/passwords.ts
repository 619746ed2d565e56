import { hash, verify } from '@node-rs/argon2';

/** How passwords are stored. */
export interface Passwords {
  readonly hash: (password: string) => Promise<string>;
  readonly verify: (passwordHash: string, password: string) => Promise<boolean>;
}

/** Argon2id with the parameters of OWASP's password storage cheat sheet: 19 MiB, two passes. */
const strength = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Memory-hard, so that every guess of a thief of the hashes is expensive. */
export const argon2id: Passwords = { hash: (password) => hash(password, strength), verify };
