import type { KeptTokens } from './token-response.ts';

/** What the caller and the program's settings ask of an access token. */
export interface Demand {
  readonly now: number;
  /** In ms. */
  readonly ahead: number;
  readonly refused: string | undefined;
}

type Tokens = KeptTokens<unknown>;

/** Whether the access token may still be presented. */
export const isUsable = (
  { accessToken, accessTokenExpiresAt }: Tokens,
  { now, refused }: Demand,
): boolean =>
  accessToken !== refused && (accessTokenExpiresAt === null || now < accessTokenExpiresAt);

/** Whether it is good for a while. Of one that lives shortly, half of its life counts as a while. */
export const isFresh = (tokens: Tokens, demand: Demand): boolean => {
  if (!isUsable(tokens, demand)) return false;
  const { accessTokenExpiresAt: end, receivedAt } = tokens;
  return end === null || demand.now < end - Math.min(demand.ahead, (end - receivedAt) / 2);
};
