import {
  createSessions,
  isPawlError,
  type PawlEvent,
  RefreshRetryError,
  type SessionsOptions,
  StoreUnavailableError,
} from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { createChance } from '../chance.ts';
import { type Ending, emptyTally, type Server, type ServerFactory } from './server.ts';

const secret = 'a root secret of the simulation, which protects nothing';

/** The options that the contestants vary. */
export type Choices = Pick<
  SessionsOptions<object, object>,
  'preset' | 'accessToken' | 'revocationCheck'
>;

/** The real code: Pawl's sessions on the memory store, with an injected clock and randomness. */
export const pawlServer =
  (choices: Choices): ServerFactory =>
  (clock, seed): Server => {
    const tally = emptyTally();
    let ending: Ending | null = null;
    /** The refresh tokens of the current generation that were returned. */
    let live = new Set<string>();
    let mostLive = 0;

    const onEvent = (event: PawlEvent): void => {
      if (event.type === 'session.revoked') ending = { at: clock(), reason: event.reason };
      if (event.type === 'session.replayed' && event.late) tally.replayedLate++;
    };
    const sessions = createSessions<object, object>({
      store: createMemoryStore({ clock }),
      secrets: [secret],
      ...choices,
      clock,
      random: createChance(seed).bytes,
      onEvent,
    });

    const note = (refreshToken: string, isNew: boolean): void => {
      if (isNew) live = new Set();
      live.add(refreshToken);
      mostLive = Math.max(mostLive, live.size);
    };

    return {
      logIn: async () => {
        const tokens = await sessions.create({ userId: 'user' });
        note(tokens.refreshToken, true);
        return tokens;
      },
      refresh: async (refreshToken) => {
        try {
          const tokens = await sessions.refresh(refreshToken);
          const { outcome } = tokens;
          if (outcome === 'created' || outcome === 'elevated') throw new Error(outcome);
          tally[outcome]++;
          note(tokens.refreshToken, outcome === 'rotated');
          return tokens;
        } catch (error) {
          if (!isPawlError(error) || error instanceof StoreUnavailableError) throw error;
          const reply = error instanceof RefreshRetryError ? 'retry' : 'refused';
          tally[reply]++;
          return reply;
        }
      },
      use: async (accessToken) => {
        try {
          await sessions.verify(accessToken);
          return true;
        } catch (error) {
          if (!isPawlError(error) || error instanceof StoreUnavailableError) throw error;
          return false;
        }
      },
      ending: () => ending,
      mostLiveTokens: () => mostLive,
      tally,
    };
  };
