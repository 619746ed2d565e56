import type { StoredTokens } from './token-response.ts';

/** What the caller and the settings demand of an access token. */
export interface TokenDemand {
  readonly now: number;
  /** In ms. */
  readonly ahead: number;
  readonly refused: string | undefined;
}

type Tokens = StoredTokens<unknown>;

/** Whether the access token may still be sent. */
export const isUsable = (
  { accessToken, accessTokenExpiresAt }: Tokens,
  { now, refused }: TokenDemand,
): boolean =>
  accessToken !== refused && (accessTokenExpiresAt === null || now < accessTokenExpiresAt);

/** Whether the access token needs no refresh yet. A short-lived one needs none for half of its lifetime. */
export const isFresh = (tokens: Tokens, demand: TokenDemand): boolean => {
  if (!isUsable(tokens, demand)) return false;
  const { accessTokenExpiresAt: end, receivedAt } = tokens;
  return end === null || demand.now < end - Math.min(demand.ahead, (end - receivedAt) / 2);
};
