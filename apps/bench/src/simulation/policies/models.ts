/**
 * Models of grace *policies*, not of products: each contains only the rule for a consumed refresh
 * token.
 */
import { type Ending, emptyTally, type Grant, type Server, type ServerFactory } from './server.ts';

const accessLifetime = 600_000;

/** The information and actions that a policy has. */
interface Family {
  readonly now: number;
  readonly mint: () => string;
  /** Revokes the family. */
  readonly revoke: () => null;
}

/** A rule for refresh tokens, with the state of one family. */
interface Policy {
  readonly begin: (first: string) => void;
  /** Returns the refresh token for the client, or null for a refusal. */
  readonly present: (token: string, family: Family) => string | null;
  /** How many tokens can now be exchanged for a new one. */
  readonly live: () => number;
}

const modelServer =
  (createPolicy: () => Policy): ServerFactory =>
  (clock): Server => {
    const tally = emptyTally();
    const policy = createPolicy();
    let ending: Ending | null = null;
    let minted = 0;
    let mostLive = 1;

    const mint = (): string => `refresh ${minted++}`;
    const revoke = (): null => {
      ending = { at: clock(), reason: 'reuse_detected' };
      return null;
    };
    const grant = (refreshToken: string): Grant => {
      const accessTokenExpiresAt = clock() + accessLifetime;
      return { refreshToken, accessToken: String(accessTokenExpiresAt), accessTokenExpiresAt };
    };
    return {
      logIn: async () => {
        const first = mint();
        policy.begin(first);
        return grant(first);
      },
      refresh: async (token) => {
        const before = minted;
        const reply = ending ? null : policy.present(token, { now: clock(), mint, revoke });
        mostLive = Math.max(mostLive, policy.live());
        tally[reply === null ? 'refused' : minted > before ? 'rotated' : 'replayed']++;
        return reply === null ? 'refused' : grant(reply);
      },
      use: async (accessToken) => !ending && clock() < Number(accessToken),
      ending: () => ending,
      mostLiveTokens: () => mostLive,
      tally,
    };
  };

/**
 * "Fork": a consumed token stays valid for `window` after its first use, and each use mints one more
 * token, all of which are valid. Later use: revoked.
 */
export const forkPolicy = (window: number): ServerFactory =>
  modelServer(() => {
    /** Each token that was minted, and when it was first used. */
    const firstUse = new Map<string, number | null>();
    let unused = 0;
    const add = (token: string): string => {
      firstUse.set(token, null);
      unused++;
      return token;
    };
    return {
      begin: add,
      present: (token, { now, mint, revoke }) => {
        const usedAt = firstUse.get(token);
        if (usedAt === undefined) return null;
        if (usedAt === null) {
          firstUse.set(token, now);
          unused--;
        } else if (now - usedAt > window) return revoke();
        return add(mint());
      },
      live: () => unused,
    };
  });

/** One token is current; within `window`, `onReplay` says what the consumed token returns. */
const oneTokenPolicy = (window: number, onReplay: 'mint' | 'repeat'): ServerFactory =>
  modelServer(() => {
    let current = '';
    let previous = '';
    let rotatedAt = 0;
    return {
      begin: (first) => {
        current = first;
      },
      present: (token, { now, mint, revoke }) => {
        const isCurrent = token === current;
        if (!isCurrent && (token !== previous || now - rotatedAt > window)) return revoke();
        if (isCurrent) {
          previous = current;
          rotatedAt = now;
        }
        if (isCurrent || onReplay === 'mint') current = mint();
        return current;
      },
      live: () => 1,
    };
  });

/**
 * "Displace": each use of the consumed token within `window` mints a successor that replaces the
 * previous one. Later use, and use of a replaced one: revoked.
 */
export const displacePolicy = (window: number): ServerFactory => oneTokenPolicy(window, 'mint');

/** "Time only": within `window` the consumed token returns the same successor again. */
export const timeOnlyPolicy = (window: number): ServerFactory => oneTokenPolicy(window, 'repeat');
