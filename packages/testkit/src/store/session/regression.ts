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
import { changes, periodEnding, present, rotateOnce, sessionOf } from './presentation.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** A store that has lost a write, or seems to: it may come back for a while, and then it is lost. */
export const testRegression = (suite: SessionSuite): void =>
  suite.group('session regression', () => {
    for (const ahead of [1, 2, 1_000_000]) {
      suite.test(`a token ${ahead} ahead of the record is a regression`, async (t) => {
        const sessionId = await sessionOf(t, 1);
        await t.wait(5);
        await present(t, rotationInput(sessionId, 1 + ahead), 'regression', changes.regressed);
        const strict = rotationInput(sessionId, 1 + ahead, { policy: strictPolicy });
        await t.wait(5);
        await present(t, strict, 'regression', changes.none);
      });
    }

    suite.test('it stands for every token until the period is over', async (t) => {
      const sessionId = await regressedSession(t);
      const regressionPeriod = (await periodEnding.later(t, 59_999)) + 1;
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
      suite.test(`then a token of generation ${generation} ends it, as lost`, async (t) => {
        const sessionId = await regressedSession(t);
        const regressionPeriod = await periodEnding.before(t, 60_000, 'excluded');
        const policy = { ...defaultPolicy, regressionPeriod };
        const request = rotationInput(sessionId, generation, { policy });
        await present(t, request, 'lost', changes.lost);
        await present(t, rotationInput(sessionId, 2, { policy }), 'revoked', changes.none);
      });
    }

    suite.test('it counts from when it was first seen', async (t) => {
      const clock = t.requireClock();
      const sessionId = await regressedSession(t);
      await clock.advance(59_999);
      await present(t, rotationInput(sessionId, 3), 'regression', changes.none);
      await t.store.sessions.touch(sessionId, 3);
      await clock.advance(1);
      await present(t, rotationInput(sessionId, 3), 'lost', changes.lost);
    });

    suite.test('where nothing is waited for, a token ahead ends it at once', async (t) => {
      const sessionId = await sessionOf(t, 1);
      const policy = { ...defaultPolicy, regressionPeriod: 0 };
      await present(t, rotationInput(sessionId, 2, { policy }), 'lost', changes.lost);
    });

    for (const [how, note] of notes) {
      suite.test(`a lost write that ${how} has noted refuses the current token`, async (t) => {
        const sessionId = await sessionOf(t, 2);
        await note(t, sessionId, 3);
        const { regressedAt } = await readLive(t, sessionId);
        t.same(regressedAt === null, false);
        const policy = strictPolicy;
        await present(t, rotationInput(sessionId, 2, { policy }), 'regression', changes.none);
        await present(t, replayInput(sessionId, 1, { policy }), 'regression', changes.none);
      });
    }

    for (const behind of [0, 1, 2, 3, 4]) {
      const name = `a token of another history, ${behind} behind`;

      suite.test(`${name}, is one too, as long as a write may come back`, async (t) => {
        const sessionId = await usedSession(t);
        const regressionPeriod = (await periodEnding.later(t, 59_999)) + 1;
        const policy = { ...defaultPolicy, regressionPeriod };
        const tokenHash = seededBytes('another', 32);
        const request = replayInput(sessionId, 5 - behind, { tokenHash, policy });
        await present(t, request, 'regression', changes.regressed);
        await present(t, rotationInput(sessionId, 5, { policy }), 'regression', changes.none);
      });

      suite.test(`${name}, is a fork from then on`, async (t) => {
        const sessionId = await usedSession(t);
        const regressionPeriod = await periodEnding.before(t, 60_000, 'excluded');
        const policy = { ...defaultPolicy, regressionPeriod };
        const tokenHash = seededBytes('another', 32);
        const request = replayInput(sessionId, 5 - behind, { tokenHash, policy });
        await present(t, request, 'fork', changes.forked);
      });
    }

    for (const behind of [0, 1, 2, 3, 4]) {
      const name = `a token of another history, ${behind} behind one that nobody has used`;

      suite.test(`${name}, is one however late`, async (t) => {
        const sessionId = await sessionOf(t, 5);
        await t.wait(t.clock ? 86_400_000 : t.shortLifetime);
        const tokenHash = seededBytes('another', 32);
        const regressionPeriod = t.clock ? 60_000 : t.shortLifetime;
        const policy = { ...defaultPolicy, regressionPeriod };
        const request = replayInput(sessionId, 5 - behind, { tokenHash, policy });
        await present(t, request, 'regression', changes.regressed);
      });
    }

    suite.test('a late replay does not make a rotation younger for that', async (t) => {
      const clock = t.requireClock();
      const sessionId = await sessionOf(t, 2);
      await clock.advance(86_400_000);
      await present(t, replayInput(sessionId, 1), 'replayed', changes.replayedLate);
      await t.store.sessions.touch(sessionId, 2);
      const request = rotationInput(sessionId, 2, { tokenHash: seededBytes('another', 32) });
      await present(t, request, 'fork', changes.forked);
    });

    suite.test('a session that has never rotated can have no other history', async (t) => {
      const sessionId = await sessionOf(t, 0);
      const request = rotationInput(sessionId, 0, { tokenHash: seededBytes('another', 32) });
      await present(t, request, 'fork', changes.forked);
    });

    suite.test('data is written, and the session revoked, all the same', async (t) => {
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

    suite.test('a step-up replaces every token, and so ends it', async (t) => {
      const sessionId = await regressedSession(t);
      const outcome = await t.store.sessions.elevate(elevationInput(sessionId, 2));
      t.same([outcome.kind, 'record' in outcome && outcome.record.regressedAt], ['written', null]);
      await present(t, rotationInput(sessionId, 3), 'settled', changes.confirmed);
      await rotateOnce(t, sessionId, 3);
    });
  });

/** A session in generation 2 that a token of generation 3 has just been presented to. */
const regressedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await sessionOf(t, 2);
  await present(t, rotationInput(sessionId, 3), 'regression', changes.regressed);
  return sessionId;
};

/** A session in generation 5 whose token has been used. */
const usedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await sessionOf(t, 5);
  await t.store.sessions.touch(sessionId, 5);
  return sessionId;
};

const notes: [string, (t: SessionTrial, sessionId: string, generation: number) => Promise<void>][] =
  [
    ['a touch', (t, id, generation) => t.store.sessions.touch(id, generation)],
    [
      'a verification',
      async (t, id, generation) => {
        const found = await t.store.sessions.find(id, { generation, interval: 3_600_000 });
        if (found?.touchDue) await t.store.sessions.touch(id, generation);
      },
    ],
  ];
