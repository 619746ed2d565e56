/**
 * The users whose requests are repeated. There are several, so that no candidate is fast because
 * it sees the same token twice in a row.
 */
export const users: readonly string[] = Array.from({ length: 64 }, (_, user) => `user-${user}`);

/** The credentials of all users: one set of headers per user. */
export type Credentials = readonly Readonly<Record<string, string>>[];

export const bearer = (tokens: readonly string[]): Credentials =>
  tokens.map((token) => ({ authorization: `Bearer ${token}` }));

/** Returns the token of a header, by the simplest code that an application would write. */
export const tokenOf = (authorization: string | null | undefined): string =>
  authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : '';
