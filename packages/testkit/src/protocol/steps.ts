import assert from 'node:assert/strict';
import type { IssuedTokens } from '@pawl/core';
import type { AsyncCommand } from 'fast-check';
import { type Expectation, isListed, isPlaceholder } from './oracle.ts';
import type { Driver } from './primary.ts';
import type { Alarm, KnownToken, TrackedSession, World } from './world.ts';

/** The model of fast-check: the world, which contains the oracle. */
export interface Model {
  readonly world: World;
}

export type Step = AsyncCommand<Model, World>;

/** Selects a session, one of its tokens, a node and what the driver does. */
export interface Aim {
  readonly session: number;
  /** How many generations the token is behind the record; negative for a token of a lost write. */
  readonly back: number;
  /** Selects one of several tokens of the same generation, after a lost write. */
  readonly line: number;
  readonly node: number;
  readonly driver: Driver;
}

/** Creates a step with its name in a counterexample. After the step its events are checked. */
export const step = (
  name: string,
  run: (world: World) => Promise<void>,
  check: (world: World) => boolean = () => true,
): Step => ({
  check: ({ world }) => check(world),
  run: async (_, world) => {
    await run(world);
    checkEvents(world);
    world.keep();
  },
  toString: () => name,
});

export const hasSessions = (world: World): boolean => world.sessions.length > 0;

/** Returns the selected session: mostly a live one, because ended sessions stay ended. */
export const sessionAt = (world: World, { session }: Aim): TrackedSession => {
  const live = world.sessions.filter(({ expected }) => isListed(expected, world.now));
  const candidates = live.length > 0 && session % 8 > 0 ? live : world.sessions;
  return candidates[session % candidates.length] as TrackedSession;
};

/** Returns the selected token, or the newest one that is not newer than it. */
export const tokenAt = (session: TrackedSession, { back, line }: Aim): KnownToken => {
  const wanted = session.expected.generation - back;
  const generations = session.tokens.map(({ generation }) => generation);
  const older = generations.filter((generation) => generation <= wanted);
  const generation = older.length > 0 ? Math.max(...older) : Math.min(...generations);
  const candidates = session.tokens.filter((token) => token.generation === generation);
  return candidates[line % candidates.length] as KnownToken;
};

/** Makes a call with the selected driver, and checks its result. */
export const expectResult = async (
  world: World,
  session: TrackedSession,
  { driver }: Aim,
  expectation: Expectation,
  call: (world: World) => Promise<string>,
): Promise<void> => {
  const lost = driver === 'lost' && expectation.writes;
  world.primary.driver = driver;
  let actual: string;
  try {
    actual = await call(world);
  } finally {
    world.primary.driver = 'once';
  }
  assert.equal(actual, lost ? 'ERR_STORE_UNAVAILABLE' : expectation.result);
  // No call reports an alarm whose reply is lost for good. The event of the next call contains the cause.
  if (expectation.ends && !lost) session.alarms[expectation.ends] += 1;
};

/** Records new tokens. Checks I1, I5 and I6: one refresh token per generation, one user, one expiry. */
export const recordTokens = (world: World, session: TrackedSession, tokens: IssuedTokens): void => {
  const { userId, expiresAt } = session.expected;
  assert.equal(tokens.userId, userId, 'I5: the user stays');
  assert.ok(tokens.accessTokenExpiresAt <= expiresAt, 'I6: no access token outlives its session');
  const known = recordToken(session, tokens);
  if (known.first && known.first.accessTokenExpiresAt > world.now.app) {
    const { accessToken } = known.first;
    assert.equal(tokens.accessToken, accessToken, 'a retry gets the same access token');
  }
  known.first ??= tokens;
  known.latest = tokens;
};

/** Forgets the first access token of the current generation, because a late replay returns a new one. */
export const forgetFirstResult = ({ tokens, expected }: TrackedSession): void => {
  for (const token of tokens) if (token.refreshToken === expected.current) token.first = null;
};

/** Records a returned refresh token, which must be the current one. */
export const recordToken = (
  session: TrackedSession,
  given: Pick<IssuedTokens, 'refreshToken' | 'refreshTokenExpiresAt'>,
): KnownToken => {
  const { expected, tokens } = session;
  const { refreshToken } = given;
  assert.equal(given.refreshTokenExpiresAt, expected.expiresAt, 'I6: the absolute expiry stays');
  const known = tokens.find((token) => token.refreshToken === refreshToken);
  if (isPlaceholder(expected.current)) {
    assert.equal(known, undefined, 'I1: a new generation has a new token');
    session.resolved.set(expected.current, refreshToken);
    expected.current = refreshToken;
  }
  assert.equal(refreshToken, expected.current, 'I1: one refresh token per generation');
  const token: KnownToken = known ?? {
    generation: expected.generation,
    refreshToken,
    first: null,
    latest: null,
  };
  if (!known) tokens.push(token);
  return token;
};

const alarmOf: Readonly<Record<string, Alarm>> = {
  'reuse.detected': 'reuse_detected',
  'fork.detected': 'fork',
  'session.lost': 'lost',
};

/** Checks that each alarm is reported once with its evidence, and each refusal with its cause. */
const checkEvents = (world: World): void => {
  for (const event of world.takeEvents()) {
    const session = world.sessions.find(
      ({ sessionId }) => 'sessionId' in event && event.sessionId === sessionId,
    );
    if (!session) continue;
    const alarm = alarmOf[event.type];
    if (alarm) session.alarms[alarm] -= 1;
    if (event.type === 'session.refused' && event.reason === 'revoked') {
      assert.equal(event.cause, session.expected.revoked, 'a refusal reports the cause');
    }
    if (event.type === 'reuse.detected' && event.evidence.cause === 'late_run') {
      const { lateRun } = session.expected;
      assert.equal(event.evidence.lateRun, lateRun, 'the evidence contains lateRun');
      assert.ok(lateRun >= world.times.maxLateRun, 'lateRun has reached maxLateRun');
    }
  }
  for (const { sessionId, alarms } of world.sessions) {
    const none = { reuse_detected: 0, fork: 0, lost: 0 };
    assert.deepEqual(alarms, none, `each alarm of ${sessionId} is reported once`);
  }
};
