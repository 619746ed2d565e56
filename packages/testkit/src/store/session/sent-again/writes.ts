import type { NewSession } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  generationRecord,
  newCallId,
  newSession,
  newUserId,
  replayInput,
  revokeAllInput,
  revokeInput,
  strictPolicy,
} from '../../../fixtures/builders.ts';
import { byText } from '../../../harness/compare.ts';
import { createInTurn } from '../many-sessions.ts';
import { changes, createRotatedSession, present } from '../presentation.ts';
import { readAll, readLive, type SessionSuite, type SessionTrial } from '../trial.ts';

/**
 * Writes whose replies are lost. A driver sends the call again, on either node, with the same `callId`: it
 * gets the first result and changes nothing. A call with another `callId` is another call, even if its
 * content is the same.
 */
export const registerWritesSentAgain = (suite: SessionSuite): void =>
  suite.group('session writes sent again', () => {
    suite.test('create returns the evicted sessions again, and evicts no others', async (t) => {
      const userId = newUserId();
      const [a = '', b = '', c = ''] = await createInTurn(t, userId, 3);
      const session = newSession({ userId });
      const limit = { max: 2, policy: 'evict_oldest' } as const;
      const first = await t.store.sessions.create(session, limit);
      if (first.kind !== 'created') throw new Error(first.kind);
      t.same(first.evicted.toSorted(byText), [a, b].toSorted(byText));
      const [, , kept] = await readAll(t, [a, b, c]);
      await t.wait(5);
      for (const node of [t.store, t.second]) {
        const again = await node.sessions.create(session, limit);
        if (again.kind !== 'created') throw new Error(again.kind);
        t.same(again.record, first.record);
        t.same(again.evicted.toSorted(byText), first.evicted.toSorted(byText));
      }
      t.same(kept?.revokedAt, null);
      t.same((await t.store.sessions.list(userId)).records.length, 2);
    });

    suite.test('create does not return the evictions of other calls', async (t) => {
      const userId = newUserId();
      const limit = { max: 1, policy: 'evict_oldest' } as const;
      const sessions = [1, 2, 3].map(() => newSession({ userId }));
      for (const session of sessions) {
        await t.store.sessions.create(session, limit);
        await t.wait(1);
      }
      const [first, second, third] = sessions as [NewSession, NewSession, NewSession];
      for (const [session, evicted] of [
        [third, [second.sessionId]],
        [second, [first.sessionId]],
        [first, []],
      ] as const) {
        const again = await t.store.sessions.create(session, limit);
        t.same(again.kind === 'created' && again.evicted, evicted);
      }
    });

    suite.test('create that has reached the limit itself is not refused', async (t) => {
      const session = newSession();
      const limit = { max: 1, policy: 'refuse' } as const;
      const first = await t.store.sessions.create(session, limit);
      t.same(await t.second.sessions.create(session, limit), first);
      const other = newSession({ userId: session.userId });
      t.same(await t.store.sessions.create(other, limit), { kind: 'refused' });
      t.same(await t.store.sessions.create(other, limit), { kind: 'refused' });
    });

    suite.test(
      'create of a session that was used meanwhile returns its current record',
      async (t) => {
        const session = newSession();
        await t.store.sessions.create(session);
        await t.store.sessions.touch(session.sessionId, 0);
        const before = await readLive(t, session.sessionId);
        const again = await t.store.sessions.create(session);
        t.same(again, { kind: 'created', record: before, evicted: [] });
        t.same(await readLive(t, session.sessionId), before);
      },
    );

    suite.test('elevate is written once, and another step-up is a conflict', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const input = elevationInput(sessionId, 1);
      const first = await t.store.sessions.elevate(input);
      await t.wait(5);
      for (const node of [t.store, t.second]) {
        const again = await node.sessions.elevate(input);
        t.same([again.kind, recordOf(again)], ['written', recordOf(first)]);
      }
      const next = generationRecord(2, 'another');
      const other = await t.store.sessions.elevate({ ...input, next, callId: newCallId() });
      t.same([other.kind, recordOf(other)], ['conflict', recordOf(first)]);
    });

    suite.test('writeData is written once, and an equal write is a conflict', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const input = dataWriteInput(sessionId, 0);
      const first = await t.store.sessions.writeData(input);
      for (const node of [t.store, t.second]) {
        const again = await node.sessions.writeData(input);
        t.same([again.kind, recordOf(again)], ['written', recordOf(first)]);
      }
      const other = await t.store.sessions.writeData({ ...input, callId: newCallId() });
      t.same([other.kind, recordOf(other)], ['conflict', recordOf(first)]);
      t.same((await readLive(t, sessionId)).dataVersion, 1);
    });

    suite.test('writeData is recognized after three other writes', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      const inputs = [0, 1, 2, 3, 4].map((version) => dataWriteInput(sessionId, version));
      for (const [i, input] of inputs.entries()) {
        t.same((await t.store.sessions.writeData(input)).kind, 'written');
        const before = await readLive(t, sessionId);
        for (const known of inputs.slice(Math.max(0, i - 3), i + 1)) {
          const again = await t.second.sessions.writeData(known);
          t.same([again.kind, recordOf(again)], ['written', before]);
        }
        t.same(await readLive(t, sessionId), before, 'nothing is written twice');
      }
      const [forgotten = dataWriteInput(sessionId, 0), ...known] = inputs;
      t.same((await t.store.sessions.writeData(forgotten)).kind, 'conflict');
      const newestFirst = known.toReversed().flatMap(({ callId }) => [...callId]);
      t.same((await readLive(t, sessionId)).dataCallIds, Uint8Array.from(newestFirst));
    });

    suite.test(
      'revoke returns `revoked` again to the call that ended the session, and to no other',
      async (t) => {
        const session = newSession();
        const { sessionId, userId } = session;
        await t.store.sessions.create(session);
        const input = revokeInput(sessionId, 'logout', { userId });
        t.same(await t.store.sessions.revoke(input), 'revoked');
        const before = await readLive(t, sessionId);
        await t.wait(5);
        t.same(await t.second.sessions.revoke(input), 'revoked');
        t.same(await t.store.sessions.revoke({ ...input, reason: 'another' }), 'revoked');
        t.same(await t.store.sessions.revoke({ ...input, callId: newCallId() }), 'already_revoked');
        t.same(await t.store.sessions.revoke({ ...input, userId: newUserId() }), 'missing');
        t.same(await readLive(t, sessionId), before);
      },
    );

    suite.test('revoke that returned `already_revoked` returns it again', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      await t.store.sessions.revoke(revokeInput(sessionId, 'first'));
      const second = revokeInput(sessionId, 'second');
      t.same(await t.store.sessions.revoke(second), 'already_revoked');
      t.same(await t.second.sessions.revoke(second), 'already_revoked');
    });

    suite.test('revokeAll returns the same ids again, and none to another call', async (t) => {
      const userId = newUserId();
      const ids = await createInTurn(t, userId, 4, { deviceId: 'phone' });
      const [other = ''] = await createInTurn(t, userId, 1, { deviceId: 'laptop' });
      await t.store.sessions.revoke(revokeInput(ids[0] as string, 'earlier'));
      const selection = { deviceId: 'phone', exceptSessionId: ids[1] };
      const input = revokeAllInput(userId, 'logout', selection);
      const expected = ids.slice(2).toSorted(byText);
      for (const node of [t.store, t.second, t.store]) {
        const { revoked } = await node.sessions.revokeAll(input);
        t.same(revoked.toSorted(byText), expected);
        await t.wait(5);
      }
      const equal = await t.store.sessions.revokeAll({ ...input, callId: newCallId() });
      t.same(equal, { revoked: [] });
      const reasons = (await readAll(t, [...ids, other])).map((record) => record.revokedReason);
      t.same(reasons, ['earlier', null, 'logout', 'logout', null]);
    });

    suite.test(
      'revokeAll returns the ids that it ended again, even if there are new sessions',
      async (t) => {
        const userId = newUserId();
        const ids = await createInTurn(t, userId, 2);
        const input = revokeAllInput(userId);
        await t.store.sessions.revokeAll(input);
        await createInTurn(t, userId, 1);
        const { revoked } = await t.store.sessions.revokeAll(input);
        t.same(
          ids.filter((id) => !revoked.includes(id)),
          [],
        );
      },
    );

    suite.test('a session that another verb has ended is already revoked', async (t) => {
      const userId = newUserId();
      const [evicted = ''] = await createInTurn(t, userId, 1);
      const session = newSession({ userId });
      await t.store.sessions.create(session, { max: 1, policy: 'evict_oldest' });
      t.same(await t.store.sessions.revoke(revokeInput(evicted)), 'already_revoked');
      t.same(await t.store.sessions.revokeAll(revokeAllInput(userId)), {
        revoked: [session.sessionId],
      });
      const stolen = await reusedSession(t);
      t.same(await t.store.sessions.revoke(revokeInput(stolen)), 'already_revoked');
    });
  });

const recordOf = (outcome: object): unknown => 'record' in outcome && outcome.record;

const reusedSession = async (t: SessionTrial): Promise<string> => {
  const sessionId = await createRotatedSession(t, 1);
  const input = replayInput(sessionId, 0, { policy: strictPolicy });
  await present(t, input, 'reuse_detected', changes.reused);
  return sessionId;
};
