import { createBrowser } from '../browser/browser.ts';
import { createChance } from '../chance.ts';
import { type OwnerHabits, ownerAt } from '../owner/habits.ts';
import type { Sight } from '../owner/sight.ts';
import { createPairClient } from '../pair/client.ts';
import { type CookieServer, createCookieServer } from '../session/cookie-server.ts';
import type { Deployment } from '../session/deploy.ts';
import { createPairServer, type Pair, type PairServer } from '../session/pair-server.ts';
import type { Watch } from '../session/watch.ts';
import { createTimeline, type Timeline } from '../timeline.ts';

const hour = 3_600_000;
/** A Monday, 9 o'clock. */
export const login: number = Date.UTC(2026, 0, 5) + 9 * hour;

/** A deployment, and how its tokens reach the client. */
export interface Setting extends Deployment {
  readonly name: string;
  readonly credential: 'cookie' | 'pair';
  /** Asks the real code even where nothing can come of it. */
  readonly isThorough?: boolean;
}

/** What differs from story to story. */
export interface StoryOptions {
  readonly setting: Setting;
  readonly seed: number;
  /** In ms of use. Default: the device never crashes. */
  readonly meanUntilCrash?: number | undefined;
}

/** A thief's way to the server. */
export type Door =
  | { readonly kind: 'cookie'; readonly server: CookieServer; readonly copy: () => string }
  | { readonly kind: 'pair'; readonly server: PairServer; readonly copy: () => Pair };

/** One owner with one session, as it begins. */
export interface Scene {
  readonly timeline: Timeline;
  readonly owner: OwnerHabits;
  readonly watch: Watch;
  readonly sight: Sight;
  readonly door: Door;
  readonly loggedOutAt: () => number | null;
  readonly crashes: () => number;
}

/** Creates a server and an owner who has just logged in. */
export const openScene = async (options: StoryOptions): Promise<Scene> => {
  const { setting, seed, meanUntilCrash = Number.POSITIVE_INFINITY } = options;
  const { name: _, credential, isThorough = false, ...deployment } = setting;
  const timeline = createTimeline(login);
  const chance = createChance(seed);
  const owner = ownerAt(chance.unit());
  const shared = { timeline, chance, owner, meanUntilCrash };
  if (credential === 'cookie') {
    const server = createCookieServer({ ...deployment, isThorough }, timeline.now, seed);
    const browser = createBrowser({ ...shared, server, first: await server.logIn() });
    browser.start();
    const door: Door = { kind: 'cookie', server, copy: browser.copy };
    return { ...browser, timeline, owner, watch: server.watch, door };
  }
  const server = createPairServer(deployment, timeline.now, seed);
  const client = createPairClient({ ...shared, server, first: await server.logIn() });
  client.start();
  const door: Door = { kind: 'pair', server, copy: client.copy };
  return { ...client, timeline, owner, watch: server.watch, door };
};
