import assert from 'node:assert/strict';
import type { IssuedTokens } from '@pawl/core';
import fc, { type Arbitrary, type AsyncCommand } from 'fast-check';
import {
  expectElevation,
  expectRefresh,
  expectRevocation,
  expectUse,
  expectWrite,
  isListed,
} from './oracle.ts';
import { resultOf, type TrackedSession, touchInterval, type World } from './world.ts';

/** The model of fast-check. The expected state is part of the world. */
export interface Model {
  readonly world: World;
}

type Step = AsyncCommand<Model, World>;

/** A session, one of its tokens counted back from the newest, and a node. */
interface Aim {
  readonly session: number;
  readonly back: number;
  readonly node: number;
}

const step = (
  name: string,
  run: (world: World) => Promise<void>,
  check: (world: World) => boolean = () => true,
): Step => ({
  check: ({ world }) => check(world),
  run: (_, world) => run(world),
  toString: () => name,
});

const hasSessions = (world: World): boolean => world.sessions.length > 0;

const sessionAt = (world: World, aim: Aim): TrackedSession =>
  world.sessions[aim.session % world.sessions.length] as TrackedSession;

const tokensAt = (session: TrackedSession, { back }: Aim): [number, IssuedTokens] => {
  const generation = Math.max(0, session.expected.generation - back);
  return [generation, session.tokens.get(generation) as IssuedTokens];
};

/** Records issued tokens, and checks I1, I5 and I6: one pair per generation, the same user and expiry. */
const record = (
  world: World,
  session: TrackedSession,
  tokens: IssuedTokens,
  late = false,
): void => {
  const { generation, userId, expiresAt } = session.expected;
  const first = session.first.get(generation) ?? tokens;
  assert.equal(tokens.userId, userId, 'I5: the user changed');
  assert.equal(tokens.refreshTokenExpiresAt, expiresAt, 'I6: the absolute expiry changed');
  assert.ok(tokens.accessTokenExpiresAt <= expiresAt, 'I6: an access token outlives its session');
  assert.equal(tokens.refreshToken, first.refreshToken, 'I1: a generation has two refresh tokens');
  if (!late && first.accessTokenExpiresAt > world.now.app) {
    assert.equal(tokens.accessToken, first.accessToken, 'a retry returned another access token');
  }
  // A late replay has new times, and its own retries must return the same tokens.
  session.first.set(generation, late ? tokens : first);
  session.tokens.set(generation, tokens);
};

const refresh = (aim: Aim): Step =>
  step(
    `refresh(session ${aim.session}, ${aim.back} back, node ${aim.node})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const [generation, tokens] = tokensAt(session, aim);
      const age = world.now.store - session.expected.rotatedAt;
      const expected = expectRefresh(session.expected, generation, world.now, world.times);
      const actual = await resultOf(world.node(aim.node).refresh(tokens.refreshToken), (fresh) => {
        const late = fresh.outcome === 'replayed' && age > world.times.gracePeriod;
        record(world, session, fresh, late);
        return fresh.outcome;
      });
      assert.equal(actual, expected);
    },
    hasSessions,
  );

const use = (aim: Aim): Step =>
  step(
    `use(session ${aim.session}, ${aim.back} back, node ${aim.node})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const [generation, tokens] = tokensAt(session, aim);
      const token = {
        generation,
        expiresAt: tokens.accessTokenExpiresAt,
        opaque: world.deployment.format === 'opaque',
      };
      const { expected } = session;
      const predicted = expectUse(expected, token, world.now, world.times, touchInterval);
      const node = world.node(aim.node);
      const actual = await resultOf(node.verify(tokens.accessToken), (auth) => {
        assert.equal(auth.userId, expected.userId, 'I5');
        assert.equal(auth.session?.absoluteExpiresAt, expected.expiresAt, 'I6');
        return 'ok';
      });
      assert.equal(actual, predicted);
      await node.drain();
    },
    hasSessions,
  );

const login = (user: number, node: number): Step =>
  step(`login(user ${user}, node ${node})`, async (world) => {
    world.track(await world.node(node).create({ userId: `user ${user}` }));
  });

const logout = (aim: Aim, kind: 'refreshToken' | 'accessToken'): Step =>
  step(
    `logout(session ${aim.session} by ${kind} ${aim.back} back)`,
    async (world) => {
      const session = sessionAt(world, aim);
      const token = tokensAt(session, aim)[1][kind];
      const outcome = await world.node(aim.node).revokeByToken(token);
      const first = expectRevocation(session.expected, 'logout');
      assert.equal(outcome, first ? 'revoked' : 'already_revoked');
    },
    hasSessions,
  );

const revokeAll = (user: number, node: number): Step =>
  step(`revokeAll(user ${user})`, async (world) => {
    const userId = `user ${user}`;
    const live = world.sessions.filter(
      ({ expected }) => expected.userId === userId && isListed(expected, world.now),
    );
    assert.equal(
      await world.node(node).revokeAll(userId, { reason: 'password_changed' }),
      live.length,
    );
    for (const { expected } of live) expectRevocation(expected, 'password_changed');
  });

const list = (user: number, node: number): Step =>
  step(`list(user ${user})`, async (world) => {
    const userId = `user ${user}`;
    const live = world.sessions.filter(
      ({ expected }) => expected.userId === userId && isListed(expected, world.now),
    );
    const listed = await world.node(node).list(userId);
    assert.deepEqual(
      listed.map(({ sessionId }) => sessionId).toSorted(),
      live.map(({ sessionId }) => sessionId).toSorted(),
    );
  });

const write = (aim: Aim): Step =>
  step(
    `write(session ${aim.session})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const update = world.node(aim.node).update(session.sessionId, ({ data }) => ({
        data: { count: (data.count ?? 0) + 1 },
      }));
      const result = await resultOf(update, ({ data }) => {
        session.dataVersion += 1;
        assert.equal(data.count, session.dataVersion, 'a write was lost');
        return 'ok';
      });
      assert.equal(result, expectWrite(session.expected, world.now));
    },
    hasSessions,
  );

const elevate = (aim: Aim): Step =>
  step(
    `elevate(session ${aim.session})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const expected = expectElevation(session.expected, world.now);
      const call = world.node(aim.node).elevate(session.sessionId, { amr: ['otp'] });
      const actual = await resultOf(call, (tokens) => {
        record(world, session, tokens);
        return 'ok';
      });
      assert.equal(actual, expected);
    },
    hasSessions,
  );

const pass = (ms: number): Step => step(`pass(${ms} ms)`, (world) => world.pass(ms));

/**
 * A rotation whose token is used or not, a pause, and late callers with the previous token. Most rows of
 * the table are about this situation, which single random steps seldom reach.
 */
const straggle = (aim: Aim, used: boolean, wait: number, stragglers: number): Step => {
  const scene = [
    pass(minute),
    refresh({ ...aim, back: 0 }),
    ...(used ? [use({ ...aim, back: 0 })] : []),
    pass(wait),
    ...Array.from({ length: stragglers }, (_, i) => refresh({ ...aim, back: 1, node: i })),
  ];
  return step(
    `straggle(session ${aim.session}: ${scene.join(', ')})`,
    async (world) => {
      for (const part of scene) await part.run({ world }, world);
    },
    hasSessions,
  );
};

const restart = (node: number): Step =>
  step(`restart(node ${node})`, async (world) => world.restart(node));

const rollRoots = (): Step => step('rollRoots', async (world) => world.rollRoots());

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** In ms: every boundary of the table, a little less and more, and long absences. */
const periods: readonly number[] = [
  1,
  second,
  10 * second - 1,
  10 * second,
  10 * second + 1,
  minute - 1,
  minute,
  2 * minute,
  2 * minute + 1,
  9 * minute,
  10 * minute,
  4 * 60 * minute,
  day,
  13 * day,
  14 * day,
];

/** Returns the commands of clients, thieves, administrators and operators, and of time. */
export const protocolCommands = (): Arbitrary<Step>[] => {
  const aim = (maxBack: number): Arbitrary<Aim> =>
    fc.record({
      session: fc.nat(2),
      back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(maxBack)),
      node: fc.nat(1),
    });
  const user = fc.nat(1);
  const node = fc.nat(1);
  return [
    fc.tuple(user, node).map(([u, n]) => login(u, n)),
    aim(1).map(refresh),
    aim(1).map(refresh),
    aim(6).map(refresh),
    aim(2).map(use),
    fc.constantFrom(...periods).map(pass),
    fc.constantFrom(...periods.slice(0, 8)).map(pass),
    aim(0).map(write),
    aim(0).map(elevate),
    fc.tuple(aim(6), fc.constantFrom('refreshToken', 'accessToken')).map(([a, k]) => logout(a, k)),
    fc.tuple(user, node).map(([u, n]) => revokeAll(u, n)),
    fc.tuple(user, node).map(([u, n]) => list(u, n)),
    fc
      .tuple(
        aim(0),
        fc.boolean(),
        fc.constantFrom(...periods.slice(0, 12)),
        fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 20, 21, 22),
      )
      .map((scene) => straggle(...scene)),
    node.map(restart),
    fc.constant(null).map(rollRoots),
  ];
};
