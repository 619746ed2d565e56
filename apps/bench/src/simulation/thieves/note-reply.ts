import type { Refusal } from '../session/deploy.ts';
import type { Loot } from './hand.ts';

const refusals = {
  refused: 'out',
  expired: 'expired',
  retry: 'retry',
  unavailable: 'retry',
} as const;

/** Adds what a thief was answered to his loot. A 503 is as good as a 409: he comes back. */
export const noteReply = <Accepted extends 'in' | 'renewed'>(
  loot: Loot,
  now: number,
  reply: Accepted | Refusal,
): Accepted | 'retry' | 'out' => {
  loot.firstUseAt ??= now;
  if (isRefusal(reply)) {
    loot.lastReply = refusals[reply];
    return loot.lastReply === 'retry' ? 'retry' : 'out';
  }
  loot.lastReply = reply;
  loot.accepted++;
  if (reply === 'renewed') loot.renewals++;
  loot.firstAcceptedAt ??= now;
  loot.lastAcceptedAt = now;
  return reply;
};

const isRefusal = (reply: string): reply is Refusal => reply in refusals;
