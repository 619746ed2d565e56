import type { Chance } from '../chance.ts';
import { indexOfShare, type OwnerHabits } from '../owner/habits.ts';
import { createJar } from '../owner/jar.ts';
import { createLife } from '../owner/life.ts';
import { createNetwork } from '../owner/network.ts';
import { createSight, type Sight } from '../owner/sight.ts';
import type { CookieServer, Served } from '../session/cookie-server.ts';
import type { Refusal } from '../session/deploy.ts';
import type { Timeline } from '../timeline.ts';
import { habits } from './habits.ts';

/** A browser of an honest user: several tabs that share one cookie jar. */
export interface Browser {
  /** The token that the jar holds now. */
  readonly copy: () => string;
  /** When the service told it to log in again, or null. */
  readonly loggedOutAt: () => number | null;
  readonly crashes: () => number;
  readonly sight: Sight;
  readonly start: () => void;
}

interface Request {
  readonly kind: 'page' | 'script';
  /** How often it was answered with a 409. */
  readonly conflicts: number;
  readonly spell: number;
  /** After the page has arrived. */
  readonly onArrival?: (() => void) | undefined;
}

export interface BrowserOptions {
  readonly server: CookieServer;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly owner: OwnerHabits;
  readonly first: string;
  /** In ms of use; Infinity: it never crashes. */
  readonly meanUntilCrash: number;
}

/** Simulates a browser, from the login until it is logged out. */
export const createBrowser = (options: BrowserOptions): Browser => {
  const { server, timeline, chance, owner, first, meanUntilCrash } = options;
  const { now, after, at } = timeline;
  const jar = createJar(now, first);
  const network = createNetwork(timeline, chance, owner.network);
  const tabs = 1 + indexOfShare(owner.tabShares, chance.unit());
  let loggedOutAt: number | null = null;
  let crashes = 0;

  const woke = (): void => {
    network.start();
    sight.noteOnline();
    for (let tab = 0; tab < tabs; tab++) {
      after(
        chance.between(0, habits.wakeSpread),
        life.inThisSpell(() => act(tab)),
      );
    }
  };
  const crashed = (): void => {
    crashes++;
    jar.lose(habits.lostByCrash);
  };
  const life = createLife(timeline, chance, owner, { woke, crashed }, meanUntilCrash);
  const sight = createSight(now, () => life.isAwake() && !network.isDown());

  /** The front tab loads a page, or its script works; a tab behind it polls. */
  const act = (tab: number): void => {
    const mean = tab === 0 ? owner.meanPauseInFront : owner.meanPauseBehind;
    after(
      chance.exponential(mean),
      life.inThisSpell(() => act(tab)),
    );
    if (tab === 0 && chance.happens(habits.navigation)) begin('page', burst);
    else if (tab === 0) burst();
    else begin('script');
  };

  const burst = (): void => {
    const count = Math.floor(chance.logBetween(...habits.burst));
    for (let one = 0; one < count; one++) begin('script');
  };

  const begin = (kind: Request['kind'], onArrival?: () => void): void =>
    send({ kind, conflicts: 0, spell: life.spell(), onArrival });

  const sendLater = (request: Request, pause: number): void =>
    after(
      pause,
      life.inThisSpell(() => send(request)),
    );

  /** Sends what the jar holds. Other requests may do the same until the answer arrives. */
  const send = (request: Request): void => {
    const token = jar.get();
    const wait = request.kind === 'script' ? chance.between(0, habits.burstSpread) : 0;
    const canRenew = !chance.happens(habits.withoutCookie);
    const arrival = network.arrival(wait);
    if (arrival === null) return lose(request);
    at(Math.ceil(arrival / habits.tick) * habits.tick, async () => {
      sight.noteRequest();
      const reply = await server.present(token, canRenew);
      const handling = typeof reply === 'string' ? 1 : handlerTime();
      // A slow response meets the network as it is then.
      if (handling < 1_000) answer(request, reply, handling);
      else after(handling, () => answer(request, reply, 0));
    });
  };

  const handlerTime = (): number => {
    if (chance.happens(habits.verySlow)) return chance.logBetween(...habits.verySlowTime);
    if (chance.happens(habits.slow)) return chance.logBetween(...habits.slowTime);
    return chance.logNormal(habits.medianHandler, habits.handlerSigma);
  };

  /** The headers leave. A cookie that was decided long ago may be older than the jar's by now. */
  const answer = (request: Request, reply: Served | Refusal, wait: number): void => {
    const arrival = network.arrival(wait);
    if (arrival === null) return lose(request);
    if (typeof reply === 'string') return at(arrival, () => receive(request, reply, null));
    const { renewed, decidedAt } = reply;
    const isLate = now() + wait - decidedAt > server.rotateAfter / 2;
    const cookie = isLate ? null : renewed;
    if (cookie !== null || request.onArrival) at(arrival, () => receive(request, null, cookie));
  };

  const receive = (request: Request, refusal: Refusal | null, cookie: string | null): void => {
    if (loggedOutAt !== null || life.wasKilledIn(request.spell)) return;
    if (refusal === 'refused' || refusal === 'expired') {
      loggedOutAt = now();
      life.end();
      return;
    }
    const isPresent = life.isAwake() && life.spell() === request.spell;
    if (cookie !== null && (isPresent || chance.happens(habits.acceptedAsleep))) jar.set(cookie);
    if (!isPresent) return;
    if (refusal === 'retry') retry(request);
    else if (refusal === 'unavailable') {
      sendLater(request, chance.between(...habits.unavailablePause));
    } else request.onArrival?.();
  };

  /** After a 409. A navigation is sent to its own address at once, the first time. */
  const retry = (request: Request): void => {
    const again = { ...request, conflicts: request.conflicts + 1 };
    if (again.conflicts > habits.maxConflicts) return;
    if (request.kind === 'script') sendLater(again, habits.conflictPause);
    else if (again.conflicts === 1) send(again);
    else sendLater(again, chance.between(...habits.conflictReload));
  };

  /** Nobody knows whether the request has reached the server. */
  const lose = (request: Request): void => {
    if (request.kind === 'script') {
      if (chance.happens(habits.retry)) sendLater(request, chance.between(...habits.retryPause));
    } else if (chance.happens(habits.reload)) {
      sendLater(request, chance.between(...habits.reloadPause));
    } else if (chance.happens(habits.giveUp / (1 - habits.reload))) {
      after(chance.between(...habits.reloadPause), life.inThisSpell(life.putAway));
    }
  };

  return {
    copy: jar.get,
    loggedOutAt: () => loggedOutAt,
    crashes: () => crashes,
    sight,
    start: life.start,
  };
};
