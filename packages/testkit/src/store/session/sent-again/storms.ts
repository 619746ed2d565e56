import type { SessionRecord } from '@pawl/core/store';
import {
  dataWriteInput,
  defaultPolicy,
  elevationInput,
  generationRecord,
  newSession,
  newUserId,
  replayInput,
  revokeAllInput,
  revokeInput,
  rotationInput,
  strictPolicy,
} from '../../../fixtures/builders.ts';
import { callOnBothNodes, winnerOf } from '../../../harness/both-nodes.ts';
import { byText } from '../../../harness/compare.ts';
import { createInTurn } from '../many-sessions.ts';
import { createRotatedSession } from '../presentation.ts';
import { readAll, readLive, type SessionSuite } from '../trial.ts';

/** Concurrent callers, each of which sends its call twice. */
export const registerStormsSentAgain = (suite: SessionSuite): void =>
  suite.group('session storms, each call sent twice', () => {
    for (const start of [0, 3]) {
      suite.test(
        `64 concurrent rotations of one token of generation ${start} make one successor`,
        async (t) => {
          const sessionId = await createRotatedSession(t, start);
          const policy = { ...defaultPolicy, settlePeriod: 0 };
          const inputs = each(64, (i) =>
            rotationInput(sessionId, start, { next: generationRecord(start + 1, `${i}`), policy }),
          );
          const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
            sessions.rotate(input),
          );
          const record = await readLive(t, sessionId);
          t.same([record.generation, record.revokedAt], [start + 1, null]);
          const records = outcomes.flat().map((outcome) => 'record' in outcome && outcome.record);
          t.same([...new Set(records.map(hashOf))], [hashOf(record)], 'one successor');
          const winner = winnerOf(t, outcomes, ({ kind }) => kind === 'rotated');
          t.same(record.tokenHash, inputs[winner]?.next.tokenHash);
        },
      );
    }

    suite.test('of 64 concurrent step-ups one is written', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const inputs = each(64, (i) =>
        elevationInput(sessionId, 0, { next: generationRecord(1, `${i}`) }),
      );
      const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
        sessions.elevate(input),
      );
      const winner = winnerOf(t, outcomes, ({ kind }) => kind === 'written');
      const record = await readLive(t, sessionId);
      t.same([record.generation, record.floor], [1, 1]);
      t.same(record.tokenHash, inputs[winner]?.next.tokenHash);
    });

    suite.test('of 64 concurrent writes of data one is written', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const inputs = each(64, (i) => dataWriteInput(sessionId, 0, { data: `${i}` }));
      const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
        sessions.writeData(input),
      );
      const winner = winnerOf(t, outcomes, ({ kind }) => kind === 'written');
      const { data, dataVersion } = await readLive(t, sessionId);
      t.same([data, dataVersion], [`${winner}`, 1]);
    });

    suite.test('of 64 concurrent revocations one ends the session', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const inputs = each(64, (i) => revokeInput(sessionId, `${i}`));
      const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
        sessions.revoke(input),
      );
      const winner = winnerOf(t, outcomes, (outcome) => outcome === 'revoked');
      t.same((await readLive(t, sessionId)).revokedReason, `${winner}`);
    });

    suite.test('of 64 concurrent calls with a stolen token one ends the session', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const inputs = each(64, () => replayInput(sessionId, 0, { policy: strictPolicy }));
      const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
        sessions.rotate(input),
      );
      const winner = winnerOf(t, outcomes, ({ kind }) => kind === 'reuse_detected');
      const { revokedReason, revokedBy } = await readLive(t, sessionId);
      t.same([revokedReason, revokedBy], ['reuse_detected', inputs[winner]?.callId]);
    });

    suite.test('of 8 concurrent revokeAll calls one ends each session', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 5);
      const inputs = each(8, (i) => revokeAllInput(userId, `${i}`));
      const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
        sessions.revokeAll(input),
      );
      for (const [first, again] of outcomes) {
        t.same(again.revoked.toSorted(byText), first.revoked.toSorted(byText));
      }
      const reported = outcomes.flatMap(([{ revoked }]) => revoked);
      t.same(reported.toSorted(byText), ids.toSorted(byText));
    });

    suite.test('of 64 concurrent creations with one id one is stored', async (t) => {
      const session = newSession();
      const inputs = each(64, (i) =>
        newSession({ ...session, first: generationRecord(0, `${i}`), data: `${i}` }),
      );
      const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
        sessions.create(input).then(
          ({ kind }) => kind,
          () => 'error',
        ),
      );
      const winner = winnerOf(t, outcomes, (kind) => kind === 'created');
      t.same((await readLive(t, session.sessionId)).data, `${winner}`);
      t.same((await t.store.sessions.list(session.userId)).records.length, 1);
    });

    for (const policy of ['evict_oldest', 'refuse'] as const) {
      suite.test(
        `32 concurrent creations with a limit of 5 leave exactly 5 (${policy})`,
        async (t) => {
          const userId = newUserId();
          const inputs = each(32, () => newSession({ userId }));
          const outcomes = await callOnBothNodes(t, inputs, ({ sessions }, input) =>
            sessions.create(input, { max: 5, policy }),
          );
          const reported = outcomes.map(([first, again]) => {
            t.same(again.kind, first.kind);
            if (first.kind !== 'created' || again.kind !== 'created') return [];
            t.same(again.evicted.toSorted(byText), first.evicted.toSorted(byText));
            return first.evicted;
          });
          t.same((await t.store.sessions.list(userId)).records.length, 5);
          const records = await readAll(
            t,
            inputs.map(({ sessionId }) => sessionId),
          );
          const ended = records.filter(({ revokedAt }) => revokedAt !== null);
          const ids = ended.map(({ sessionId }) => sessionId);
          t.same(
            reported.flat().toSorted(byText),
            ids.toSorted(byText),
            'each session is reported by one call',
          );
        },
      );
    }
  });

const each = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, i) => make(i));

const hashOf = (record: SessionRecord | false): string =>
  record === false ? 'none' : Buffer.from(record.tokenHash).toString('hex');
