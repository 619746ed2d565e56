/**
 * Every token that Pawl issues itself is 78 bytes, so 104 base64url characters:
 *
 * | offset | bytes | field                                               |
 * | -----: | ----: | --------------------------------------------------- |
 * |      0 |     1 | version and type                                    |
 * |      1 |     2 | kid: which root secret made the tag                 |
 * |      3 |    18 | id: 2 bytes shard of the user, 16 random ones       |
 * |     21 |     4 | generation                                          |
 * |     25 |     5 | expiry, in seconds since the epoch                  |
 * |     30 |    32 | secret                                              |
 * |     62 |    16 | tag: HMAC-SHA-256 over all bytes before, truncated  |
 *
 * The id begins and ends on a character boundary, so that its 24 characters
 * stand in the token as they are.
 */
export const layout = {
  kid: 1,
  id: 3,
  generation: 21,
  expiry: 25,
  secret: 30,
  tag: 62,
  length: 78,
} as const;

/** The characters of a token, without its prefix. */
export const tokenCharacters = 104;

/** Where the id's characters stand, counted without the prefix. */
export const idCharacters = { start: 4, end: 28 } as const;

/** What a token is for. The number is its first byte; one can never stand in for another. */
export const tokenTypes = {
  refresh: 1,
  access: 2,
  apiKey: 3,
  singleUse: 4,
  /** A refresh token of a session that is bound to a key: it says so, or each refresh would have to ask. */
  boundRefresh: 5,
} as const;

export type TokenType = keyof typeof tokenTypes;

/** Whether a token's first byte is of the type asked for. A bound refresh token is a refresh token. */
export const isOfType = (first: number | undefined, type: TokenType): boolean =>
  first === tokenTypes[type] || (type === 'refresh' && first === tokenTypes.boundRefresh);

/** The largest expiry that fits: "never", for API keys. */
export const maxExpiry: number = 2 ** 40 - 1;
