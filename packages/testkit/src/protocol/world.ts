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
import type { Primary } from './primary.ts';

/** What one run is set up with. */
export interface Deployment {
  readonly preset: Preset;
  readonly format: 'opaque' | 'jwt';
  /** In ms: how far the application's clock is ahead of the store's. */
  readonly skew: number;
  readonly maxLateRun: number;
}

/** A refresh token that somebody has seen, and the access tokens that came with it. */
export interface KnownToken {
  readonly generation: number;
  readonly refreshToken: string;
  /** What retries are held to: the first answer, or that of the last late replay. */
  first: IssuedTokens | null;
  /** The last answer; null: it came as a cookie, without an access token. */
  latest: IssuedTokens | null;
}

/** The ends that somebody has to be told of. */
export type Alarm = 'reuse_detected' | 'fork' | 'lost';

/** A session, what it must be like, and every token that it ever had. */
export interface TrackedSession {
  readonly sessionId: string;
  expected: ExpectedSession;
  /** In the order in which they were seen. Whoever presents one takes it from here. */
  readonly tokens: KnownToken[];
  /** What tokens were that nobody had seen when they were made: a fail-over may go back to then. */
  readonly learnt: Map<string, string>;
  /** How often each alarm must have been told. */
  readonly alarms: Record<Alarm, number>;
}

/** In ms: fixed, so that the oracle knows it too. */
export const touchInterval = 60_000;

export type WorldNode = Sessions<Record<string, unknown>, { count?: number }>;

/** What a fail-over goes back to. */
interface Snapshot {
  readonly position: number;
  readonly expected: readonly ExpectedSession[];
}

/**
 * Nodes that share a store and its clock, and what an observer knows who sees
 * everything: each token ever handed out, and each event.
 */
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

  node(index: number): WorldNode {
    return this.#nodes[index % this.#nodes.length] as WorldNode;
  }

  async wait(ms: number): Promise<void> {
    await this.#clock.advance(ms);
  }

  /** The process ends and begins again: nothing is left but the store and the secrets. */
  restart(index: number): void {
    const at = index % this.#nodes.length;
    this.#nodes[at] = this.#start(at);
  }

  /** A new root secret: published on every node, then activated on one after the other. */
  rollRoots(): void {
    const older = this.#roots;
    const fresh = secretBeside(older);
    this.#roots = [{ secret: fresh, status: 'published' }, ...older];
    for (const index of this.#nodes.keys()) this.restart(index);
    this.#roots = [fresh, ...older];
    // The last node keeps issuing with the older root until its next restart.
    for (const index of this.#nodes.keys()) if (index > 0) this.restart(index - 1);
  }

  /** The events since the last look. */
  takeEvents(): PawlEvent[] {
    return this.#events.splice(0);
  }

  /** Remembers what a fail-over may go back to: to be called after each step. */
  keep(): void {
    const expected = this.sessions.map((session) => structuredClone(session.expected));
    this.#snapshots.push({ position: this.primary.position, expected });
  }

  /** The store loses what the last `steps` have written: it never happened, but for the clients. */
  async failOver(steps: number): Promise<void> {
    const index = Math.max(0, this.#snapshots.length - 1 - steps);
    const { position, expected } = this.#snapshots[index] ?? { position: 0, expected: [] };
    await Promise.all(this.#nodes.map((node) => node.drain()));
    await this.primary.failOver(position);
    this.#snapshots.splice(index + 1);
    for (const [i, session] of this.sessions.entries()) {
      const then = expected[i];
      session.expected = { ...(then ?? session.expected), missing: then?.missing ?? true };
      const seen = (token: string): string => session.learnt.get(token) ?? token;
      session.expected.current = seen(session.expected.current);
      session.expected.consumed = session.expected.consumed.map(seen);
      // A late replay that is lost has timed its access token anew for nothing.
      for (const token of session.tokens) token.first = null;
    }
  }

  track(tokens: IssuedTokens): TrackedSession {
    const { store } = this.now;
    const { refreshToken } = tokens;
    const session: TrackedSession = {
      sessionId: tokens.sessionId,
      tokens: [{ generation: 0, refreshToken, first: tokens, latest: tokens }],
      learnt: new Map(),
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

/** The code of the error that a call ends with, or what `told` makes of its result. */
export const answerOf = async <T>(
  call: Promise<T>,
  told: (result: T) => string,
): Promise<string> => {
  try {
    return told(await call);
  } catch (error) {
    if (isPawlError(error)) return error.code;
    throw error;
  }
};

/** A new secret with a kid of its own: of many thousands of worlds, in some two would share one. */
const secretBeside = (older: readonly RootSecret[]): string => {
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
