/**
 * Every opaque token of Pawl has 78 bytes, which are 104 base64url characters:
 *
 * | offset | bytes | field                                               |
 * | -----: | ----: | --------------------------------------------------- |
 * |      0 |     1 | version and type                                    |
 * |      1 |     2 | kid: the root secret that made the tag              |
 * |      3 |    18 | id: 2 bytes of the user's shard, 16 random bytes    |
 * |     21 |     4 | generation                                          |
 * |     25 |     5 | expiry, in seconds since the epoch                  |
 * |     30 |    32 | secret                                              |
 * |     62 |    16 | tag: HMAC-SHA-256 over all bytes before, truncated  |
 *
 * The id begins and ends on a character boundary, so that the token contains its 24 characters.
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

/** The number of characters of a token, without its prefix. */
export const tokenCharacters = 104;

/** The position of the id's characters, counted without the prefix. */
export const idCharacters = { start: 4, end: 28 } as const;

/** The types of tokens. The number is the first byte: a token of one type is never accepted as another. */
export const tokenTypes = {
  refresh: 1,
  access: 2,
  apiKey: 3,
  singleUse: 4,
  /** A refresh token of a session that is bound to a key. The type saves a store read per refresh. */
  boundRefresh: 5,
} as const;

export type TokenType = keyof typeof tokenTypes;

/** Returns whether a token's first byte is of this type. A bound refresh token is a refresh token. */
export const isOfType = (first: number | undefined, type: TokenType): boolean =>
  first === tokenTypes[type] || (type === 'refresh' && first === tokenTypes.boundRefresh);

/** The largest expiry that fits: for API keys that do not expire. */
export const maxExpiry: number = 2 ** 40 - 1;
