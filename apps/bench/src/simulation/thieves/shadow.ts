import type { Strategy } from './heist.ts';

const second = 1_000;
const minute = 60 * second;

/**
 * Never the first, and never long behind: whenever the owner's request for a successor reaches
 * the server, his own follows within `reaction` ms. He stops where he is told that he is late.
 */
export const shadow =
  (reaction: readonly [least: number, most: number]): Strategy =>
  ({ timeline, chance, hand, sight, giveUp }) => {
    const { now, after } = timeline;
    let isOver = false;
    let isComing = false;
    const isDue = (): boolean => now() >= hand.dueAt() - 2 * second;

    const renew = async (): Promise<void> => {
      const reply = await hand.renew();
      isComing = false;
      if (reply !== 'out' && reply !== 'retry') return;
      isOver = true;
      giveUp();
    };

    const use = async (): Promise<void> => {
      if (isOver) return;
      // A request when it is due would be the first.
      if (!isDue()) await hand.use();
      after(chance.exponential(2 * minute), use);
    };

    sight.onRequest(() => {
      if (isOver || isComing || !isDue()) return;
      isComing = true;
      after(chance.between(...reaction), renew);
    });
    after(0, use);
  };
