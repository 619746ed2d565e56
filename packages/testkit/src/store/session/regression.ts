import {
  dataWriteInput,
  defaultPolicy,
  elevationInput,
  replayInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { changes, createRotatedSession, period, present, rotateOnce } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** A store that seems to have lost a write: the write may come back, until it counts as lost. */
export const registerRegression = (suite: SessionSuite): void =>
  suite.group('session regression', () => {
    for (const ahead of [1, 2, 1_000_000]) {
      suite.test(`a token ${ahead} generations ahead of the record is a regression`, async (t) => {
        const sessionId = await createRotatedSession(t, 1);
        await t.wait(5);
        await present(t, rotationInput(sessionId, 1 + ahead), 'regression', changes.regressed);
        const strict = rotationInput(sessionId, 1 + ahead, { policy: strictPolicy });
        await t.wait(5);
        await present(t, strict, 'regression', changes.none);
      });
    }

    suite.test('every token is a regression until the regression period is over', async (t) => {
      const sessionId = await regressedSession(t);
      const regressionPeriod = (await period.notOver(t, 59_999)) + 1;
      for (const policy of [defaultPolicy, strictPolicy]) {
        for (const generation of [0, 1, 2, 3, 4]) {
          const given = { policy: { ...policy, regressionPeriod } };
          await present(t, rotationInput(sessionId, generation, given), 'regression', changes.none);
          const tokenHash = seededBytes('another', 32);
          const foreign = rotationInput(sessionId, generation, { ...given, tokenHash });
          await present(t, foreign, 'regression', changes.none);
        }
      }
    });

    for (const generation of [0, 1, 2, 3, 4]) {
      suite.test(
        `after the regression period a token of generation ${generation} ends the session as lost`,
        async (t) => {
          const sessionId = await regressedSession(t);
          const regressionPeriod = await period.over(t, 60_000, 'excluded');
          const policy = { ...defaultPolicy, regressionPeriod };
          const input = rotationInput(sessionId, generation, { policy });
          await present(t, input, 'lost', changes.lost);
          await present(t, rotationInput(sessionId, 2, { policy }), 'revoked', changes.none);
        },
      );
    }

    suite.test('the regression period starts when the newer token is first seen', async (t) => {
      const clock = t.requireClock();
      const sessionId = await regressedSession(t);
      await clock.advance(59_999);
      await present(t, rotationInput(sessionId, 3), 'regression', changes.none);
      await t.store.sessions.touch(sessionId, 3);
      await clock.advance(1);
      await present(t, rotationInput(sessionId, 3), 'lost', changes.lost);
    });

    suite.test('without a regression period a newer token ends the session at once', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const policy = { ...defaultPolicy, regressionPeriod: 0 };
      await present(t, rotationInput(sessionId, 2, { policy }), 'lost', changes.lost);
    });

    suite.test('…and so does a token of another history while this one is unused', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const policy = { ...defaultPolicy, regressionPeriod: 0 };
      const tokenHash = seededBytes('another', 32);
      const request = rotationInput(sessionId, 1, { tokenHash, policy });
      await present(t, request, 'lost', changes.lost);
    });

    for (const [how, record] of recordings) {
      suite.test(
        `after ${how} has recorded a lost write, the current token is refused`,
        async (t) => {
          const sessionId = await createRotatedSession(t, 2);
          await record(t, sessionId, 3);
          const { regressedAt } = await readLive(t, sessionId);
          t.same(regressedAt === null, false);
          const policy = strictPolicy;
          await present(t, rotationInput(sessionId, 2, { policy }), 'regression', changes.none);
          await present(t, replayInput(sessionId, 1, { policy }), 'regression', changes.none);
        },
      );
    }

    for (const behind of [0, 1, 2, 3, 4]) {
      const name = `a token of another history, ${behind} generations behind,`;

      suite.test(`${name} is a regression while the write may come back`, async (t) => {
        const sessionId = await usedSession(t);
        const regressionPeriod = (await period.notOver(t, 59_999)) + 1;
        const policy = { ...defaultPolicy, regressionPeriod };
        const tokenHash = seededBytes('another', 32);
        const input = replayInput(sessionId, 5 - behind, { tokenHash, policy });
        await present(t, input, 'regression', changes.regressed);
        await present(t, rotationInput(sessionId, 5, { policy }), 'regression', changes.none);
      });

      suite.test(`${name} is a fork after that`, async (t) => {
        const sessionId = await usedSession(t);
        const regressionPeriod = await period.over(t, 60_000, 'excluded');
        const policy = { ...defaultPolicy, regressionPeriod };
        const tokenHash = seededBytes('another', 32);
        const input = replayInput(sessionId, 5 - behind, { tokenHash, policy });
        await present(t, input, 'fork', changes.forked);
      });
    }

    for (const behind of [0, 1, 2, 3, 4]) {
      const name = `a token of another history, ${behind} generations behind an unused token,`;

      suite.test(`${name} is a regression after any time`, async (t) => {
        const sessionId = await createRotatedSession(t, 5);
        await t.wait(t.clock ? 86_400_000 : t.shortLifetime);
        const tokenHash = seededBytes('another', 32);
        const regressionPeriod = t.clock ? 60_000 : t.shortLifetime;
        const policy = { ...defaultPolicy, regressionPeriod };
        const input = replayInput(sessionId, 5 - behind, { tokenHash, policy });
        await present(t, input, 'regression', changes.regressed);
      });
    }

    suite.test('a late replay does not make another history a regression', async (t) => {
      const clock = t.requireClock();
      const sessionId = await createRotatedSession(t, 2);
      await clock.advance(86_400_000);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayedLate);
      await t.store.sessions.touch(sessionId, 2);
      const input = rotationInput(sessionId, 2, { tokenHash: seededBytes('another', 32) });
      await present(t, input, 'fork', changes.forked);
    });

    suite.test(
      'a token of another history is a fork at once if the session has never rotated',
      async (t) => {
        const sessionId = await createRotatedSession(t, 0);
        const input = rotationInput(sessionId, 0, { tokenHash: seededBytes('another', 32) });
        await present(t, input, 'fork', changes.forked);
      },
    );

    suite.test('a regression prevents neither a write of data nor a revocation', async (t) => {
      const sessionId = await regressedSession(t);
      const { regressedAt } = await readLive(t, sessionId);
      const outcome = await t.store.sessions.writeData(dataWriteInput(sessionId, 0));
      t.same(
        [outcome.kind, 'record' in outcome && outcome.record.regressedAt],
        ['written', regressedAt],
      );
      t.same(await t.store.sessions.revoke(revokeInput(sessionId)), 'revoked');
      t.same((await readLive(t, sessionId)).regressedAt, regressedAt);
      await present(t, rotationInput(sessionId, 3), 'revoked', changes.none);
    });

    suite.test('a step-up ends a regression, because it replaces every token', async (t) => {
      const sessionId = await regressedSession(t);
      const outcome = await t.store.sessions.elevate(elevationInput(sessionId, 2));
      t.same([outcome.kind, 'record' in outcome && outcome.record.regressedAt], ['written', null]);
      await present(t, rotationInput(sessionId, 3), 'settled', changes.confirmed);
      await rotateOnce(t, sessionId, 3);
    });
  });

/** Creates a session in generation 2 and presents a token of generation 3. */
const regressedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await createRotatedSession(t, 2);
  await present(t, rotationInput(sessionId, 3), 'regression', changes.regressed);
  return sessionId;
};

/** Creates a session in generation 5 whose access token has been used. */
const usedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await createRotatedSession(t, 5);
  await t.store.sessions.touch(sessionId, 5);
  return sessionId;
};

const recordings: [
  string,
  (t: SessionTrial, sessionId: string, generation: number) => Promise<void>,
][] = [
  ['a touch', (t, id, generation) => t.store.sessions.touch(id, generation)],
  [
    'a verification',
    async (t, id, generation) => {
      const found = await t.store.sessions.find(id, { generation, interval: 3_600_000 });
      if (found?.touchDue) await t.store.sessions.touch(id, generation);
    },
  ],
];
