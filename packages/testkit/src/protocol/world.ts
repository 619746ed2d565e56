import {
  ConfigurationError,
  createSessions,
  generateSecret,
  type IssuedTokens,
  isPawlError,
  type PawlEvent,
  type Preset,
  presets,
  type RootSecret,
  type Sessions,
  type SessionTimes,
} from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { createKeyRing } from '@pawl/core/keys';
import type { SessionStore } from '@pawl/core/store';
import type { TestClock } from '../harness/clock.ts';
import type { ExpectedSession, Now } from './oracle.ts';

/** The configuration of one run. */
export interface Deployment {
  readonly preset: Preset;
  readonly format: 'opaque' | 'jwt';
  /** In ms: how far the application's clock is ahead of the store's. */
  readonly skew: number;
}

/** A session, its expected state, and every token that was issued for it. */
export interface TrackedSession {
  readonly sessionId: string;
  readonly expected: ExpectedSession;
  /** The latest tokens of each generation. Honest clients and thieves present these. */
  readonly tokens: Map<number, IssuedTokens>;
  /** The first tokens of each generation, which retries must return again. */
  readonly first: Map<number, IssuedTokens>;
  dataVersion: number;
}

/** In ms: the option `touchInterval`, which the oracle has to know. */
export const touchInterval = 60_000;

/** Nodes that share a store and its clock, with every token and every event that they have issued. */
export class World {
  readonly times: SessionTimes;
  readonly deployment: Deployment;
  readonly sessions: TrackedSession[] = [];
  readonly events: PawlEvent[] = [];
  readonly #stores: readonly SessionStore[];
  readonly #clock: TestClock;
  #roots: readonly RootSecret[] = [generateSecret()];
  #nodes: Sessions<Record<string, unknown>, { count?: number }>[] = [];

  constructor(deployment: Deployment, stores: readonly SessionStore[], clock: TestClock) {
    this.deployment = deployment;
    this.times = presets[deployment.preset];
    this.#stores = stores;
    this.#clock = clock;
    this.#nodes = stores.map((_, index) => this.#start(index));
  }

  get now(): Now {
    const store = this.#clock.now();
    return { store, app: store + this.deployment.skew };
  }

  /** Returns a node; the index wraps around. */
  node(index: number): Sessions<Record<string, unknown>, { count?: number }> {
    return this.#nodes[index % this.#nodes.length] as Sessions<
      Record<string, unknown>,
      { count?: number }
    >;
  }

  /** Moves the clock. */
  async pass(ms: number): Promise<void> {
    await this.#clock.advance(ms);
  }

  /** Restarts a node: it keeps only the store and the secrets. */
  restart(index: number): void {
    const at = index % this.#nodes.length;
    this.#nodes[at] = this.#start(at);
  }

  /** Adds a root secret: publishes it on every node, then activates it on one node after another. */
  rollRoots(): void {
    const older = this.#roots;
    const fresh = newSecretBeside(older);
    this.#roots = [{ secret: fresh, status: 'published' }, ...older];
    for (const index of this.#nodes.keys()) this.restart(index);
    this.#roots = [fresh, ...older];
    // The last node keeps issuing with the older root until its next restart.
    for (const index of this.#nodes.keys()) if (index > 0) this.restart(index - 1);
  }

  /** Starts to track a new session. */
  track(tokens: IssuedTokens): TrackedSession {
    const { store } = this.now;
    const session: TrackedSession = {
      sessionId: tokens.sessionId,
      tokens: new Map([[0, tokens]]),
      first: new Map([[0, tokens]]),
      dataVersion: 0,
      expected: {
        userId: tokens.userId,
        idleTimeout: this.times.idleTimeout,
        expiresAt: tokens.refreshTokenExpiresAt,
        generation: 0,
        floor: 0,
        confirmed: false,
        replays: 0,
        strikes: 0,
        rotatedAt: store,
        lastActiveAt: store,
        revoked: null,
      },
    };
    this.sessions.push(session);
    return session;
  }

  #start(index: number): Sessions<Record<string, unknown>, { count?: number }> {
    const { preset, format } = this.deployment;
    return createSessions({
      store: { sessions: this.#stores[index] as SessionStore },
      secrets: this.#roots,
      preset,
      touchInterval,
      clock: () => this.now.app,
      onEvent: (event) => this.events.push(event),
      ...(format === 'jwt' && { accessToken: jwtFormat }),
    });
  }
}

const jwtFormat = jwtAccessTokens({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  clockTolerance: 0,
});

/** Returns the code of the error that a call throws, or the text that `describe` makes of its result. */
export const resultOf = async <T>(
  call: Promise<T>,
  describe: (result: T) => string,
): Promise<string> => {
  try {
    return describe(await call);
  } catch (error) {
    if (isPawlError(error)) return error.code;
    throw error;
  }
};

/** Returns a new secret with a kid of its own. In some of many thousand runs two secrets share one. */
const newSecretBeside = (older: readonly RootSecret[]): string => {
  for (;;) {
    const fresh = generateSecret();
    try {
      createKeyRing([fresh, ...older]);
      return fresh;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
    }
  }
};
