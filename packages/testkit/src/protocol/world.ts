import {
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
import type { Primary } from './primary.ts';

/** The configuration of one run. */
export interface Deployment {
  readonly preset: Preset;
  readonly format: 'opaque' | 'jwt';
  /** In ms: how far the application's clock is ahead of the store's. */
  readonly skew: number;
  readonly maxLateRun: number;
}

/** A refresh token that was returned, and the access tokens that came with it. */
export interface KnownToken {
  readonly generation: number;
  readonly refreshToken: string;
  /** The first result with the token, or that of the last late replay: retries must return it again. */
  first: IssuedTokens | null;
  /** The last result with an access token; null if `resume` alone returned the token. */
  latest: IssuedTokens | null;
}

/** The ends of a session that must be reported. */
export type Alarm = 'reuse_detected' | 'fork' | 'lost';

/** A session, its expected state, and every token that was issued for it. */
export interface TrackedSession {
  readonly sessionId: string;
  expected: ExpectedSession;
  /** In the order in which they were returned. Honest clients and thieves present these. */
  readonly tokens: KnownToken[];
  /** The tokens for placeholders: a failover may go back to a time when the placeholder was current. */
  readonly resolved: Map<string, string>;
  /** How many reports of each alarm are missing. */
  readonly alarms: Record<Alarm, number>;
}

/** In ms: the option `touchInterval`, which the oracle has to know. */
export const touchInterval = 60_000;

export type WorldNode = Sessions<Record<string, unknown>, { count?: number }>;

/** A state that a failover can go back to. */
interface Snapshot {
  readonly position: number;
  readonly expected: readonly ExpectedSession[];
}

/** Nodes that share a store and its clock, with every token and every event that they have issued. */
export class World {
  readonly times: SessionTimes;
  readonly deployment: Deployment;
  readonly sessions: TrackedSession[] = [];
  readonly primary: Primary;
  readonly #events: PawlEvent[] = [];
  readonly #clock: TestClock;
  readonly #snapshots: Snapshot[] = [];
  #roots: readonly RootSecret[] = [generateSecret()];
  #nodes: WorldNode[] = [];

  constructor(deployment: Deployment, primary: Primary, clock: TestClock) {
    this.deployment = deployment;
    const { maxLateRun } = deployment;
    this.times = { ...presets[deployment.preset], maxLateRun };
    this.primary = primary;
    this.#clock = clock;
    this.#nodes = primary.stores.map((_, index) => this.#start(index));
  }

  get now(): Now {
    const store = this.#clock.now();
    return { store, app: store + this.deployment.skew };
  }

  /** Returns a node; the index wraps around. */
  node(index: number): WorldNode {
    return this.#nodes[index % this.#nodes.length] as WorldNode;
  }

  /** Moves the clock. */
  async wait(ms: number): Promise<void> {
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
    const created = newSecretBeside(older);
    this.#roots = [{ secret: created, status: 'published' }, ...older];
    for (const index of this.#nodes.keys()) this.restart(index);
    this.#roots = [created, ...older];
    // The last node keeps issuing with the older root until its next restart.
    for (const index of this.#nodes.keys()) if (index > 0) this.restart(index - 1);
  }

  /** Returns the events since the last call. */
  takeEvents(): PawlEvent[] {
    return this.#events.splice(0);
  }

  /** Keeps a state that a failover can go back to. Call it after each step. */
  keep(): void {
    const expected = this.sessions.map((session) => structuredClone(session.expected));
    this.#snapshots.push({ position: this.primary.position, expected });
  }

  /** Makes the store lose the writes of the last `steps`. The clients keep their tokens. */
  async failOver(steps: number): Promise<void> {
    const index = Math.max(0, this.#snapshots.length - 1 - steps);
    const { position, expected } = this.#snapshots[index] ?? { position: 0, expected: [] };
    await Promise.all(this.#nodes.map((node) => node.drain()));
    await this.primary.failOver(position);
    this.#snapshots.splice(index + 1);
    for (const [i, session] of this.sessions.entries()) {
      const then = expected[i];
      session.expected = { ...(then ?? session.expected), missing: then?.missing ?? true };
      const resolve = (token: string): string => session.resolved.get(token) ?? token;
      session.expected.current = resolve(session.expected.current);
      session.expected.consumed = session.expected.consumed.map(resolve);
      // The access token of a lost late replay is not returned again.
      for (const token of session.tokens) token.first = null;
    }
  }

  /** Starts to track a new session. */
  track(tokens: IssuedTokens): TrackedSession {
    const { store } = this.now;
    const { refreshToken } = tokens;
    const session: TrackedSession = {
      sessionId: tokens.sessionId,
      tokens: [{ generation: 0, refreshToken, first: tokens, latest: tokens }],
      resolved: new Map(),
      alarms: { reuse_detected: 0, fork: 0, lost: 0 },
      expected: {
        userId: tokens.userId,
        idleTimeout: this.times.idleTimeout,
        expiresAt: tokens.refreshTokenExpiresAt,
        generation: 0,
        current: refreshToken,
        consumed: [],
        floor: 0,
        confirmed: false,
        replays: 0,
        strikes: 0,
        lateRun: 0,
        lateReplayAt: null,
        rotatedAt: store,
        lastActiveAt: store,
        regressedAt: null,
        revoked: null,
        dataVersion: 0,
        missing: false,
      },
    };
    this.sessions.push(session);
    return session;
  }

  #start(index: number): WorldNode {
    const { preset, format, maxLateRun } = this.deployment;
    return createSessions({
      store: { sessions: this.primary.stores[index] as SessionStore },
      secrets: this.#roots,
      preset,
      maxLateRun,
      touchInterval,
      clock: () => this.now.app,
      onEvent: (event) => this.#events.push(event),
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
    const created = generateSecret();
    try {
      createKeyRing([created, ...older]);
      return created;
    } catch (error) {
      if (!isPawlError(error) || error.code !== 'ERR_CONFIGURATION') throw error;
    }
  }
};
