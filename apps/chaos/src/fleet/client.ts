import type { IssuedTokens } from '@pawl/core';
import { pause } from '@pawl/core/internal';
import type { Chance } from '../chance.ts';
import { logouts } from '../history/operation.ts';
import type { LoadPlan } from './plan.ts';
import type { Recorder } from './recorder.ts';

/** What the clients of a worker share. */
export interface Load extends LoadPlan {
  readonly recorder: Recorder;
  readonly chance: Chance;
  readonly isStopped: () => boolean;
  readonly countRotation: () => void;
}

/**
 * An honest client: it refreshes its session repeatedly, presents the same token again after a lost
 * reply, and logs in again when its session has ended. Returns the newest refresh token of each of
 * its sessions.
 */
export const runClient = async (load: Load, userId: string): Promise<string[]> => {
  const newest: string[] = [];
  while (!load.isStopped()) {
    const tokens = await login(load, userId);
    if (tokens) newest.push(await useSession(load, tokens));
  }
  return newest;
};

const login = async (load: Load, userId: string): Promise<IssuedTokens | null> => {
  const { tokens } = await load.recorder.login(userId);
  if (!tokens) await pause(20 + load.chance() * 50);
  return tokens;
};

const useSession = async (load: Load, first: IssuedTokens): Promise<string> => {
  const { recorder, chance, isStopped } = load;
  let current = first;
  while (!isStopped()) {
    if (load.think > 0) await pause(load.think * 2 * chance());
    const { outcome, tokens } = await recorder.refresh(current.refreshToken);
    if (tokens) {
      if (outcome !== 'settled') load.countRotation();
      if (chance() < load.loseReplies) await waitBeforeRetry(load);
      else current = tokens;
      if (chance() < 0.1) await recorder.verify(current);
      if (chance() < load.revoke) {
        await recorder.revoke(current.sessionId);
        await recorder.refresh(current.refreshToken);
        break;
      }
    } else if (logouts.has(outcome) || outcome === 'ERR_STORE_REGRESSION') {
      break;
    } else {
      await waitBeforeRetry(load);
    }
  }
  return current.refreshToken;
};

/** After a lost reply, half of the clients retry immediately, the others after the grace period. */
const waitBeforeRetry = ({ chance, gracePeriod }: Load): Promise<void> =>
  pause(chance() < 0.5 ? chance() * 20 : gracePeriod * (1 + chance() / 2));
