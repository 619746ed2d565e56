/**
 * Who calls: so many users that come back again and again. The one's token is not the
 * other's, so that nothing is fast for having seen the same text a moment ago.
 */
export const users: readonly string[] = Array.from({ length: 64 }, (_, user) => `user-${user}`);

/** What is sent to be let through, one set of headers per user. */
export type Credentials = readonly Readonly<Record<string, string>>[];

export const bearer = (tokens: readonly string[]): Credentials =>
  tokens.map((token) => ({ authorization: `Bearer ${token}` }));

/** The token of a header, by the plainest code that an application would write. */
export const tokenOf = (authorization: string | null | undefined): string =>
  authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : '';
