import { type Deployment, deploy, type Refusal, refusalOf } from './deploy.ts';
import type { Watch } from './watch.ts';

/** A pair of tokens. */
export interface Pair {
  readonly refreshToken: string;
  readonly accessToken: string;
  /** In ms since the epoch. */
  readonly accessTokenExpiresAt: number;
  /** The presented token is still the current one: this is what the client has, so no cookie is set. */
  readonly isSettled: boolean;
}

/** A service for clients with a pair of tokens. */
export interface PairServer {
  readonly logIn: () => Promise<Pair>;
  /** `hasKey`: whether the client can prove the key that the session may be bound to. */
  readonly refresh: (refreshToken: string, hasKey: boolean) => Promise<Pair | Refusal>;
  /** An API call. Returns whether the access token was accepted. */
  readonly use: (accessToken: string) => Promise<boolean>;
  readonly watch: Watch;
}

/** The thumbprint of the owner's key. */
const jkt = 'A'.repeat(43);

/** The real code: `sessions.refresh` and `sessions.verify`. */
export const createPairServer = (
  deployment: Deployment,
  clock: () => number,
  seed: number,
): PairServer => {
  const { sessions, watch } = deploy(deployment, clock, seed, true);
  /** A check of the record confirms a rotation; any other sees nothing but the token. */
  const isStrict = (deployment.revocationCheck ?? 'session') === 'session';
  let newest: Pair;

  return {
    logIn: async () => {
      const tokens = await sessions.create({
        userId: 'user',
        ...(deployment.isBound && { jkt }),
      });
      newest = { ...tokens, isSettled: false };
      return newest;
    },
    refresh: async (refreshToken, hasKey) => {
      const presentation = watch.present(refreshToken);
      try {
        const { outcome, ...tokens } = await sessions.refresh(
          refreshToken,
          hasKey ? { proof: { jkt } } : {},
        );
        const pair: Pair = { ...tokens, isSettled: outcome === 'settled' };
        presentation.accepted();
        if (!pair.isSettled) presentation.handedOut(pair.refreshToken);
        newest = pair;
        return pair;
      } catch (error) {
        return refusalOf(error);
      }
    },
    use: async (accessToken) => {
      const isNewest = accessToken === newest.accessToken;
      const presentation = watch.present(isNewest ? newest.refreshToken : accessToken);
      try {
        await sessions.verify(accessToken);
      } catch (error) {
        refusalOf(error);
        return false;
      }
      if (isStrict) presentation.accepted();
      return true;
    },
    watch,
  };
};
