import type { IssuedTokens } from '@pawl/core';
import type { Chance } from '../chance.ts';
import { logouts } from '../history/operation.ts';
import { pause } from '../pause.ts';
import type { LoadPlan } from './plan.ts';
import type { Recorder } from './recorder.ts';

/** What the clients of a worker have in common. */
export interface Load extends LoadPlan {
  readonly recorder: Recorder;
  readonly chance: Chance;
  readonly isOver: () => boolean;
  readonly rotated: () => void;
}

/**
 * An honest client: it refreshes its session again and again, presents the same
 * token again when it got no answer, and logs in again when its session is over.
 * Answers the newest refresh token of each of its sessions.
 */
export const runClient = async (load: Load, userId: string): Promise<string[]> => {
  const left: string[] = [];
  while (!load.isOver()) {
    const tokens = await login(load, userId);
    if (tokens) left.push(await useSession(load, tokens));
  }
  return left;
};

const login = async (load: Load, userId: string): Promise<IssuedTokens | null> => {
  const { tokens } = await load.recorder.login(userId);
  if (!tokens) await pause(20 + load.chance() * 50);
  return tokens;
};

const useSession = async (load: Load, first: IssuedTokens): Promise<string> => {
  const { recorder, chance, isOver } = load;
  let current = first;
  while (!isOver()) {
    if (load.think > 0) await pause(load.think * 2 * chance());
    const { outcome, tokens } = await recorder.refresh(current.refreshToken);
    if (tokens) {
      if (outcome !== 'settled') load.rotated();
      if (chance() < load.loseReplies) await comeBack(load);
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
      await comeBack(load);
    }
  }
  return current.refreshToken;
};

/** Half of those without an answer ask again at once, the others when the grace period is over. */
const comeBack = ({ chance, gracePeriod }: Load): Promise<void> =>
  pause(chance() < 0.5 ? chance() * 20 : gracePeriod * (1 + chance() / 2));
