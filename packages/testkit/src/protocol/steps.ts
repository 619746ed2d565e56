import assert from 'node:assert/strict';
import type { IssuedTokens } from '@pawl/core';
import type { AsyncCommand } from 'fast-check';
import { type Expectation, isListed, isUnseen } from './oracle.ts';
import type { Driver } from './primary.ts';
import type { Alarm, KnownToken, TrackedSession, World } from './world.ts';

/** The oracle lives in the world, so that is all that fast-check has to thread through. */
export interface Model {
  readonly world: World;
}

export type Step = AsyncCommand<Model, World>;

/** Which session, which of its tokens, on which node, and what the driver does. */
export interface Aim {
  readonly session: number;
  /** Counted back from the record's generation; below 0: tokens of a write that was lost. */
  readonly back: number;
  /** Which of those of one generation, where there are several histories. */
  readonly line: number;
  readonly node: number;
  readonly driver: Driver;
}

/** A step by its name in a counterexample. After it, all that was told is held to the oracle. */
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

/** One of the live sessions, if there are any: whatever ended stays ended, and is soon dull. */
export const sessionAt = (world: World, { session }: Aim): TrackedSession => {
  const live = world.sessions.filter(({ expected }) => isListed(expected, world.now));
  const candidates = live.length > 0 && session % 8 > 0 ? live : world.sessions;
  return candidates[session % candidates.length] as TrackedSession;
};

/** The token that is aimed at, or the newest one that is not newer. */
export const tokenAt = (session: TrackedSession, { back, line }: Aim): KnownToken => {
  const wanted = session.expected.generation - back;
  const generations = session.tokens.map(({ generation }) => generation);
  const older = generations.filter((generation) => generation <= wanted);
  const generation = older.length > 0 ? Math.max(...older) : Math.min(...generations);
  const candidates = session.tokens.filter((token) => token.generation === generation);
  return candidates[line % candidates.length] as KnownToken;
};

/** Makes a call with the driver of the aim. What comes back must be what was expected. */
export const expectAnswer = async (
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
  assert.equal(actual, lost ? 'ERR_STORE_UNAVAILABLE' : expectation.answer);
  // An alarm whose reply is lost for good is told by nobody: the next call says why, in its event.
  if (expectation.ends && !lost) session.alarms[expectation.ends] += 1;
};

/** I1 and I6: one refresh token per generation, of one user, that never lives longer. */
export const recordTokens = (world: World, session: TrackedSession, tokens: IssuedTokens): void => {
  const { userId, expiresAt } = session.expected;
  assert.equal(tokens.userId, userId, 'I5: the user stays');
  assert.ok(tokens.accessTokenExpiresAt <= expiresAt, 'I6: no access token outlives its session');
  const known = recordToken(session, tokens);
  if (known.first && known.first.accessTokenExpiresAt > world.now.app) {
    const { accessToken } = known.first;
    assert.equal(tokens.accessToken, accessToken, 'a retry gets the very same access token');
  }
  known.first ??= tokens;
  known.latest = tokens;
};

/** After a late replay the access token is another one, which its own retries are held to. */
export const timeAnew = ({ tokens, expected }: TrackedSession): void => {
  for (const token of tokens) if (token.refreshToken === expected.current) token.first = null;
};

/** The token that was handed out is the current one; it is learnt where its first reply was lost. */
export const recordToken = (
  session: TrackedSession,
  given: Pick<IssuedTokens, 'refreshToken' | 'refreshTokenExpiresAt'>,
): KnownToken => {
  const { expected, tokens } = session;
  const { refreshToken } = given;
  assert.equal(given.refreshTokenExpiresAt, expected.expiresAt, 'I6: the absolute expiry stays');
  const known = tokens.find((token) => token.refreshToken === refreshToken);
  if (isUnseen(expected.current)) {
    assert.equal(known, undefined, 'I1: a new generation has a new token');
    session.learnt.set(expected.current, refreshToken);
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

/** Every alarm is told, once and with its evidence; and who is refused is told why. */
const checkEvents = (world: World): void => {
  for (const event of world.takeEvents()) {
    const session = world.sessions.find(
      ({ sessionId }) => 'sessionId' in event && event.sessionId === sessionId,
    );
    if (!session) continue;
    const alarm = alarmOf[event.type];
    if (alarm) session.alarms[alarm] -= 1;
    if (event.type === 'session.refused' && event.reason === 'revoked') {
      assert.equal(event.cause, session.expected.revoked, 'the cause of the end is told');
    }
    if (event.type === 'reuse.detected' && event.evidence.cause === 'late_run') {
      const { lateRun } = session.expected;
      assert.equal(event.evidence.lateRun, lateRun, 'the run of late replays is told');
      assert.ok(lateRun >= world.times.maxLateRun, 'no run ends before its time');
    }
  }
  for (const { sessionId, alarms } of world.sessions) {
    const none = { reuse_detected: 0, fork: 0, lost: 0 };
    assert.deepEqual(alarms, none, `every end of ${sessionId} is told once, and nothing else`);
  }
};
