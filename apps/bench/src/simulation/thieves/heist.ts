import type { Chance } from '../chance.ts';
import type { Sight } from '../owner/sight.ts';
import type { Timeline } from '../timeline.ts';
import type { Hand } from './hand.ts';

/** A thief at work: with what he holds, and what he sees of the owner. */
export interface Heist {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly hand: Hand;
  readonly sight: Sight;
  /** To be called where he stops although he was not refused for good: nothing more will happen. */
  readonly giveUp: () => void;
}

/** What a thief does from his first use on. It ends when he is refused for good. */
export type Strategy = (heist: Heist) => void;

/** In ms: after a 409 he comes back with what he holds, for he has nothing to lose. */
export const retryPause = [5_000, 60_000] as const;

/** Uses the session, with a new access token if it takes one. */
export const visit = async ({ hand }: Heist): Promise<'in' | 'retry' | 'out'> => {
  const reply = await hand.use();
  if (reply !== 'stale') return reply;
  const renewed = await hand.renew();
  return renewed === 'renewed' ? 'in' : renewed;
};
