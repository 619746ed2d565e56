import type { Chance } from '../chance.ts';
import { indexOfShare, type OwnerHabits } from '../owner/habits.ts';
import { createJar } from '../owner/jar.ts';
import { createLife } from '../owner/life.ts';
import { createNetwork } from '../owner/network.ts';
import { createSight, type Sight } from '../owner/sight.ts';
import type { Refusal } from '../session/deploy.ts';
import type { Pair, PairServer } from '../session/pair-server.ts';
import type { Timeline } from '../timeline.ts';
import { habits } from './habits.ts';

/** A device of an honest user: several tabs that share one jar with a pair of tokens. */
export interface PairClient {
  /** The tokens that the jar holds now. */
  readonly copy: () => Pair;
  /** When the service told it to log in again, or null. */
  readonly loggedOutAt: () => number | null;
  readonly crashes: () => number;
  readonly sight: Sight;
  readonly start: () => void;
}

export interface PairClientOptions {
  readonly server: PairServer;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly owner: OwnerHabits;
  readonly first: Pair;
  /** In ms of use; Infinity: it never crashes. */
  readonly meanUntilCrash: number;
}

/**
 * Simulates a client, from the login until it is logged out. Each tab refreshes by itself, ahead
 * of the expiry, with what the jar holds then: nothing keeps the others from doing the same.
 */
export const createPairClient = (options: PairClientOptions): PairClient => {
  const { server, timeline, chance, owner, first, meanUntilCrash } = options;
  const { now, after, at } = timeline;
  const jar = createJar(now, first);
  const network = createNetwork(timeline, chance, owner.network);
  const tabs = 1 + indexOfShare(owner.tabShares, chance.unit());
  const refreshing = new Set<number>();
  let loggedOutAt: number | null = null;
  let crashes = 0;

  const woke = (): void => {
    network.start();
    sight.noteOnline();
    refreshing.clear();
    for (let tab = 0; tab < tabs; tab++) {
      after(
        chance.between(0, habits.spread),
        life.inThisSpell(() => {
          keepFresh(tab);
          act(tab);
        }),
      );
    }
  };
  const crashed = (): void => {
    crashes++;
    jar.lose(habits.lostByCrash);
  };
  const life = createLife(timeline, chance, owner, { woke, crashed }, meanUntilCrash);
  const sight = createSight(now, () => life.isAwake() && !network.isDown());

  /** Refreshes when it is time, again and again. */
  const keepFresh = (tab: number): void => {
    const dueIn = jar.get().accessTokenExpiresAt - habits.ahead - now();
    if (dueIn <= 0) refresh(tab);
    after(
      Math.max(dueIn, habits.ahead) + chance.between(0, habits.spread),
      life.inThisSpell(() => keepFresh(tab)),
    );
  };

  const act = (tab: number): void => {
    const mean = tab === 0 ? owner.meanPauseInFront : owner.meanPauseBehind;
    after(
      chance.exponential(mean),
      life.inThisSpell(() => act(tab)),
    );
    call(tab);
  };

  /** An API call, after a refresh if the access token has expired. */
  const call = (tab: number): void => {
    if (refreshing.has(tab)) return;
    const { accessToken, accessTokenExpiresAt } = jar.get();
    if (now() >= accessTokenExpiresAt) return refresh(tab);
    const arrival = network.arrival();
    if (arrival === null) return;
    at(arrival, async () => {
      const isAccepted = await server.use(accessToken);
      if (isAccepted) return;
      const back = network.arrival();
      if (back !== null)
        at(
          back,
          life.inThisSpell(() => refuseCall(tab, accessToken)),
        );
    });
  };

  /** After a refused access token: uses the newer one of another tab, or refreshes. */
  const refuseCall = (tab: number, accessToken: string): void => {
    if (jar.get().accessToken !== accessToken) call(tab);
    else if (!refreshing.has(tab)) refresh(tab);
  };

  const refresh = (tab: number): void => {
    if (refreshing.has(tab)) return;
    const { refreshToken } = jar.get();
    const spell = life.spell();
    refreshing.add(tab);
    const arrival = network.arrival();
    if (arrival === null) return lose(tab);
    at(Math.ceil(arrival / habits.tick) * habits.tick, async () => {
      sight.noteRequest();
      const reply = await server.refresh(refreshToken, true);
      const back = network.arrival();
      if (back === null) return lose(tab);
      at(back, () => receive(tab, reply, spell));
    });
  };

  const receive = (tab: number, reply: Pair | Refusal, spell: number): void => {
    if (loggedOutAt !== null || life.wasKilledIn(spell)) return;
    const isPresent = life.isAwake() && life.spell() === spell;
    if (isPresent) refreshing.delete(tab);
    if (reply === 'refused' || reply === 'expired') {
      loggedOutAt = now();
      life.end();
      return;
    }
    const isKept = isPresent || chance.happens(habits.acceptedAsleep);
    // A settled answer brings what the jar has, or had: it sets no cookie.
    if (typeof reply !== 'string' && isKept && !reply.isSettled) jar.set(reply);
    if (isPresent) again(tab, reply);
  };

  /** Goes on, with the newest that the jar has. */
  const again = (tab: number, reply: Pair | Refusal): void => {
    const pause =
      reply === 'retry'
        ? habits.conflictPause
        : reply === 'unavailable'
          ? chance.between(...habits.unavailablePause)
          : 0;
    after(
      pause,
      life.inThisSpell(() => {
        if (now() >= jar.get().accessTokenExpiresAt - habits.ahead) refresh(tab);
        else call(tab);
      }),
    );
  };

  /** The tab notices later. Another try uses what the jar holds then. */
  const lose = (tab: number): void => {
    const act = chance.happens(habits.retry)
      ? () => {
          refreshing.delete(tab);
          refresh(tab);
        }
      : life.putAway;
    after(chance.between(...habits.retryPause), life.inThisSpell(act));
  };

  return {
    copy: jar.get,
    loggedOutAt: () => loggedOutAt,
    crashes: () => crashes,
    sight,
    start: life.start,
  };
};
