import { habits } from '../pair/habits.ts';
import type { Pair, PairServer } from '../session/pair-server.ts';
import type { Hand, Loot } from './hand.ts';
import { noteReply } from './note-reply.ts';

/** In ms: how long before the owner's refresh he refreshes, to be the first. */
const lead = 30_000;

/** A copy of a pair of tokens. The expiry of the access token tells when the owner will refresh. */
export const createPairHand = (
  server: PairServer,
  now: () => number,
  loot: Loot,
  copy: Pair,
): Hand => {
  let held = copy;
  return {
    use: async () => {
      if (now() >= held.accessTokenExpiresAt) return 'stale';
      if (!(await server.use(held.accessToken))) return 'stale';
      return noteReply(loot, now(), 'in');
    },
    renew: async () => {
      const reply = await server.refresh(held.refreshToken, false);
      if (typeof reply === 'string') return noteReply(loot, now(), reply);
      held = reply;
      return noteReply(loot, now(), reply.isSettled ? 'in' : 'renewed');
    },
    dueAt: () => held.accessTokenExpiresAt - habits.ahead,
    lead,
  };
};
