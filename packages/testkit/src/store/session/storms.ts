import type { RotationOutcome } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  generationRecord,
  newSession,
  revokeInput,
  rotationInput,
} from '../../fixtures/builders.ts';
import { perform, type SessionCall } from './call.ts';
import { runAtOnce } from './many-sessions.ts';
import { createRotatedSession } from './presentation.ts';
import { readLive, type SessionSuite } from './trial.ts';

/** Sixty-four concurrent calls on two nodes. */
export const registerStorms = (suite: SessionSuite): void =>
  suite.group('session storms', () => {
    for (const start of [0, 3]) {
      suite.test(
        `64 concurrent rotations of one token of generation ${start} make one successor`,
        async (t) => {
          const sessionId = await createRotatedSession(t, start);
          if (start > 0) await t.wait(t.clock ? 60_000 : 5);
          const outcomes = await runAtOnce(t, 64, (sessions, i) => {
            const input = rotationInput(sessionId, start, {
              next: generationRecord(start + 1, `${i}`),
            });
            // On a real clock the default period is too long to wait for.
            const { policy } = input;
            const settlePeriod = t.clock ? policy.settlePeriod : 1;
            return sessions.rotate({ ...input, policy: { ...policy, settlePeriod } });
          });
          t.same(countKinds(outcomes), { replayed: 20, retry: 43, rotated: 1 });
          const record = await readLive(t, sessionId);
          t.same([record.generation, record.replays, record.strikes], [start + 1, 20, 0]);
          t.same(record.revokedAt, null);
          const records = outcomes.map((outcome) => 'record' in outcome && outcome.record);
          const hashes = new Set(
            records.map((it) => it && Buffer.from(it.tokenHash).toString('hex')),
          );
          t.same([...hashes], [Buffer.from(record.tokenHash).toString('hex')]);
          const salts = new Set(records.map((it) => it && Buffer.from(it.salt).toString('hex')));
          t.same([...salts], [Buffer.from(record.salt).toString('hex')]);
        },
      );
    }

    suite.test('of 64 concurrent revocations one is first, and its reason is kept', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const outcomes = await runAtOnce(t, 64, (sessions, i) =>
        sessions.revoke(revokeInput(sessionId, `${i}`)),
      );
      t.same(outcomes.filter((outcome) => outcome === 'revoked').length, 1);
      t.same(outcomes.filter((outcome) => outcome === 'already_revoked').length, 63);
      const { revokedReason } = await readLive(t, sessionId);
      t.same(revokedReason, `${outcomes.indexOf('revoked')}`);
    });

    suite.test('of 64 concurrent step-ups one is written', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const outcomes = await runAtOnce(t, 64, (sessions, i) =>
        sessions.elevate(elevationInput(sessionId, 0, { next: generationRecord(1, `${i}`) })),
      );
      const kinds = outcomes.map(({ kind }) => kind);
      t.same(kinds.filter((kind) => kind === 'conflict').length, 63);
      const record = await readLive(t, sessionId);
      t.same(record.tokenHash, generationRecord(1, `${kinds.indexOf('written')}`).tokenHash);
      t.same([record.generation, record.floor], [1, 1]);
    });

    suite.test('of 64 concurrent writes of data one is written', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const outcomes = await runAtOnce(t, 64, (sessions, i) =>
        sessions.writeData(dataWriteInput(sessionId, 0, { data: `${i}` })),
      );
      const kinds = outcomes.map(({ kind }) => kind);
      t.same(kinds.filter((kind) => kind === 'conflict').length, 63);
      const record = await readLive(t, sessionId);
      t.same([record.data, record.dataVersion], [`${kinds.indexOf('written')}`, 1]);
    });

    suite.test('of 64 concurrent creations with one id one is stored', async (t) => {
      const session = newSession();
      const outcomes = await runAtOnce(t, 64, (sessions, i) =>
        sessions.create({ ...session, first: generationRecord(0, `${i}`), data: `${i}` }).then(
          ({ kind }) => kind,
          () => 'error',
        ),
      );
      t.same(outcomes.filter((outcome) => outcome === 'error').length, 63);
      const { data } = await readLive(t, session.sessionId);
      t.same(data, `${outcomes.indexOf('created')}`);
      t.same((await t.store.sessions.list(session.userId)).records.length, 1);
    });

    suite.test(
      'in a mix of 64 concurrent calls every write counts once and none is lost',
      async (t) => {
        const session = newSession();
        const { sessionId } = session;
        await t.store.sessions.create(session);
        const outcomes = await runAtOnce(t, 64, async (sessions, i) => {
          const call = mixedCall(sessionId, i);
          const result = (await perform(sessions, call)) as { kind?: string } | null | undefined;
          return { verb: call.verb, kind: result?.kind };
        });
        const count = (verb: SessionCall['verb'], kind: string): number =>
          outcomes.filter((outcome) => outcome.verb === verb && outcome.kind === kind).length;
        const record = await readLive(t, sessionId);
        const written = count('elevate', 'written');
        t.same(record.generation, count('rotate', 'rotated') + written);
        t.same(count('rotate', 'rotated') + written, 1, 'one of them consumed the token');
        t.same(record.floor, written);
        t.same(record.replays, count('rotate', 'replayed'));
        t.same([count('writeData', 'written'), record.dataVersion], [1, 1]);
        t.same([record.revokedAt, record.expiresAt], [null, session.expiresAt]);
        t.same(record.idleTimeout, session.idleTimeout);
      },
    );

    suite.test('a revocation among 64 concurrent calls is final', async (t) => {
      const session = newSession();
      const { sessionId } = session;
      await t.store.sessions.create(session);
      let acknowledged = false;
      const outcomes = await runAtOnce(t, 64, async (sessions, i) => {
        if (i === 31) {
          await sessions.revoke(revokeInput(sessionId, 'logout'));
          acknowledged = true;
          return [];
        }
        await perform(sessions, mixedCall(sessionId, i));
        const late = acknowledged;
        const again = await sessions.rotate(rotationInput(sessionId, 0));
        return late ? [again.kind] : [];
      });
      t.same(
        [...new Set(outcomes.flat())].filter((kind) => kind !== 'revoked'),
        [],
      );
      const record = await readLive(t, sessionId);
      t.same([record.revokedReason, record.expiresAt], ['logout', session.expiresAt]);
    });
  });

const countKinds = (outcomes: readonly RotationOutcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

const mixedCall = (sessionId: string, i: number): SessionCall => {
  const next = { next: generationRecord(1, `${i}`) };
  const calls: SessionCall[] = [
    { verb: 'rotate', input: rotationInput(sessionId, 0, next) },
    { verb: 'rotate', input: rotationInput(sessionId, 0, next) },
    { verb: 'elevate', input: elevationInput(sessionId, 0, next) },
    { verb: 'writeData', input: dataWriteInput(sessionId, 0, { data: `${i}` }) },
    { verb: 'touch', sessionId, generation: 0 },
    { verb: 'find', sessionId, activity: { generation: 0, interval: 0 } },
    { verb: 'deleteExpired' },
  ];
  return calls[i % calls.length] as SessionCall;
};
