import { retryPause, type Strategy } from './heist.ts';

const second = 1_000;
const minute = 60 * second;

/** In ms: how often he asks for the successor once it may be due. */
const poll = 2 * second;
/** In ms: how soon he comes behind the owner where he lets the owner be the first. */
const reaction = [1 * second, 5 * second] as const;
/** In ms: how soon he acts when the owner's device wakes up. */
const reflex = 50;
/** In ms: he lets the owner use the new token first, for so long. */
const courtesy = 30 * second;

export interface LeadOptions {
  /** Whether he sees the owner come back; else he keeps still for some minutes. */
  readonly isSighted: boolean;
  /** Whether he lets the owner be the first every other time, and follows within seconds. */
  readonly alternates: boolean;
  /** Whether he does so no sooner than the owner's device wakes up, a moment before its requests. */
  readonly waitsForOwner?: boolean;
}

/**
 * Is the first to ask for the successor, and keeps still until the owner has come back and was
 * given the same one. Then he goes on as the two of them, until the next is due.
 */
export const lead =
  ({ isSighted, alternates, waitsForOwner = false }: LeadOptions): Strategy =>
  (heist) => {
    const { timeline, chance, hand, sight } = heist;
    const { now, after } = timeline;
    let round = 0;
    let heldSince = now();
    let waits = false;
    let waitsForWaking = false;

    const takeLead = async (): Promise<void> => {
      if (waitsForOwner && !sight.isOnline()) {
        waitsForWaking = true;
        return;
      }
      const reply = await hand.renew();
      if (reply === 'out') return;
      if (reply === 'retry') return after(chance.between(...retryPause), takeLead);
      if (reply === 'in') return after(poll, takeLead);
      heldSince = now();
      if (isSighted) awaitOwner();
      else after(chance.between(3 * minute, 5 * minute), enjoy);
    };

    const awaitOwner = (): void => {
      if (sight.lastRequestAt() > heldSince) after(courtesy, enjoy);
      else after(poll, awaitOwner);
    };

    const enjoy = async (): Promise<void> => {
      const left = hand.dueAt() - hand.lead - now();
      if (left <= 0) return nextRound();
      const reply = await hand.use();
      if (reply === 'out') return;
      if (reply === 'stale') return nextRound();
      if (reply === 'retry') return after(chance.between(...retryPause), enjoy);
      after(Math.min(left, chance.exponential(2 * minute)), enjoy);
    };

    const nextRound = (): void | Promise<void> => {
      round++;
      if (!alternates || round % 2 === 0) return takeLead();
      waits = true;
    };

    const followOwner = async (): Promise<void> => {
      const reply = await hand.renew();
      if (reply === 'renewed') {
        heldSince = now();
        return enjoy();
      }
      if (reply === 'in') waits = true;
      if (reply === 'retry') after(chance.between(...retryPause), followOwner);
    };

    if (alternates) {
      sight.onRequest(() => {
        if (!waits || now() < hand.dueAt() - 2 * second) return;
        waits = false;
        after(chance.between(...reaction), followOwner);
      });
    }
    sight.onOnline(() => {
      if (!waitsForWaking) return;
      waitsForWaking = false;
      after(reflex, takeLead);
    });
    after(0, takeLead);
  };
