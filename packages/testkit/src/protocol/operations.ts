import assert from 'node:assert/strict';
import {
  expectElevation,
  expectRefresh,
  expectRevocation,
  expectWrite,
  isListed,
} from './oracle.ts';
import { expectResumption, expectUse, isActivityUncertain } from './presentation-oracle.ts';
import type { Driver } from './primary.ts';
import {
  type Aim,
  expectResult,
  forgetFirstResult,
  hasSessions,
  recordToken,
  recordTokens,
  type Step,
  sessionAt,
  step,
  tokenAt,
} from './steps.ts';
import { resultOf, touchInterval, type World } from './world.ts';

const nameOf = ({ session, back, line, node, driver }: Aim): string =>
  `session ${session}, ${back} back, line ${line}, node ${node}, ${driver}`;

export const refresh = (aim: Aim): Step =>
  step(
    `refresh(${nameOf(aim)})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const token = tokenAt(session, aim);
      const { lateReplayAt } = session.expected;
      const expectation = expectRefresh(session.expected, token, world.now, world.times);
      if (session.expected.lateReplayAt !== lateReplayAt) forgetFirstResult(session);
      await expectResult(world, session, aim, expectation, () =>
        resultOf(world.node(aim.node).refresh(token.refreshToken), (tokens) => {
          recordTokens(world, session, tokens);
          return tokens.outcome;
        }),
      );
    },
    hasSessions,
  );

/** A request with the session cookie. */
export const resume = (aim: Aim, canRenew: boolean): Step =>
  step(
    `resume(${nameOf(aim)}${canRenew ? '' : ', cannot renew'})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const token = tokenAt(session, aim);
      const { expected } = session;
      const { lateReplayAt } = expected;
      const { now, times } = world;
      const expectation = expectResumption(expected, token, now, times, touchInterval, canRenew);
      if (expected.lateReplayAt !== lateReplayAt) forgetFirstResult(session);
      const node = world.node(aim.node);
      await expectResult(world, session, aim, expectation, () =>
        resultOf(node.resume(token.refreshToken, { canRenew }), ({ auth, renewed }) => {
          assert.equal(auth.userId, expected.userId, 'I5');
          assert.equal(renewed?.outcome, expectation.renewed, 'the outcome of the cookie');
          if (renewed) {
            assert.equal(renewed.decidedAt, now.app);
            recordToken(session, renewed);
          }
          return 'ok';
        }),
      );
      await node.drain();
    },
    (world) => {
      if (!hasSessions(world)) return false;
      const session = sessionAt(world, aim);
      const { now, times } = world;
      const token = tokenAt(session, aim);
      return !isActivityUncertain(session.expected, token, now, times, touchInterval);
    },
  );

export const use = (aim: Aim): Step =>
  step(
    `use(${nameOf(aim)})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const token = tokenAt(session, aim);
      const { latest } = token;
      // `resume` returned the token, without an access token.
      if (!latest) return;
      const { expected } = session;
      const { now, times } = world;
      const presented = {
        ...token,
        expiresAt: latest.accessTokenExpiresAt,
        opaque: world.deployment.format === 'opaque',
      };
      if (isActivityUncertain(expected, presented, now, times, touchInterval)) return;
      const expectation = expectUse(expected, presented, now, times, touchInterval);
      const node = world.node(aim.node);
      await expectResult(world, session, aim, expectation, () =>
        resultOf(node.verify(latest.accessToken), (auth) => {
          assert.equal(auth.userId, expected.userId, 'I5');
          assert.equal(auth.session?.absoluteExpiresAt, expected.expiresAt, 'I6');
          return 'ok';
        }),
      );
      await node.drain();
    },
    hasSessions,
  );

export const login = (user: number, node: number, driver: Driver): Step =>
  step(`login(user ${user}, node ${node}, ${driver})`, async (world) => {
    world.primary.driver = driver;
    const tokens = await world.node(node).create({ userId: `user ${user}` });
    world.primary.driver = 'once';
    world.track(tokens);
  });

export const logout = (aim: Aim, kind: 'refreshToken' | 'accessToken'): Step =>
  step(
    `logout(${nameOf(aim)}, by ${kind})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const { refreshToken, latest } = tokenAt(session, aim);
      const token = kind === 'accessToken' && latest ? latest.accessToken : refreshToken;
      const outcome = expectRevocation(session.expected, 'logout');
      const lost = aim.driver === 'lost';
      world.primary.driver = aim.driver;
      const actual = await resultOf(
        world.node(aim.node).revokeByToken(token),
        (outcome) => outcome,
      );
      world.primary.driver = 'once';
      assert.equal(actual, lost ? 'ERR_STORE_UNAVAILABLE' : outcome);
    },
    hasSessions,
  );

export const revokeAll = (user: number, node: number, driver: Driver): Step =>
  step(`revokeAll(user ${user}, ${driver})`, async (world) => {
    const userId = `user ${user}`;
    const live = liveOf(world, userId);
    world.primary.driver = driver;
    const actual = await resultOf(
      world.node(node).revokeAll(userId, { reason: 'password_changed' }),
      String,
    );
    world.primary.driver = 'once';
    assert.equal(actual, driver === 'lost' ? 'ERR_STORE_UNAVAILABLE' : `${live.length}`);
    for (const { expected } of live) expectRevocation(expected, 'password_changed');
  });

export const list = (user: number, node: number): Step =>
  step(`list(user ${user})`, async (world) => {
    const userId = `user ${user}`;
    const listed = await world.node(node).list(userId);
    assert.deepEqual(
      listed.map(({ sessionId }) => sessionId).toSorted(),
      liveOf(world, userId)
        .map(({ sessionId }) => sessionId)
        .toSorted(),
    );
  });

const liveOf = (world: World, userId: string): World['sessions'] =>
  world.sessions.filter(
    ({ expected }) => expected.userId === userId && isListed(expected, world.now),
  );

export const write = (aim: Aim): Step =>
  step(
    `write(${nameOf(aim)})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const expectation = expectWrite(session.expected, world.now);
      const { dataVersion } = session.expected;
      await expectResult(world, session, aim, expectation, () =>
        resultOf(
          world.node(aim.node).update(session.sessionId, ({ data }) => ({
            data: { count: (data.count ?? 0) + 1 },
          })),
          ({ data }) => {
            assert.equal(data.count, dataVersion, 'no write is lost or applied twice');
            return 'ok';
          },
        ),
      );
    },
    hasSessions,
  );

export const elevate = (aim: Aim): Step =>
  step(
    `elevate(${nameOf(aim)})`,
    async (world) => {
      const session = sessionAt(world, aim);
      const expectation = expectElevation(session.expected, world.now);
      await expectResult(world, session, aim, expectation, () =>
        resultOf(world.node(aim.node).elevate(session.sessionId, { amr: ['otp'] }), (tokens) => {
          recordTokens(world, session, tokens);
          return 'ok';
        }),
      );
    },
    hasSessions,
  );

export const pass = (ms: number): Step => step(`pass(${ms} ms)`, (world) => world.wait(ms));

export const failOver = (steps: number): Step =>
  step(`failOver(loses the writes of the last ${steps} steps)`, (world) => world.failOver(steps));

export const restart = (node: number): Step =>
  step(`restart(node ${node})`, async (world) => world.restart(node));

export const rollRoots = (): Step => step('rollRoots', async (world) => world.rollRoots());
