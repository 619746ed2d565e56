import type { SessionSelection } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  generationRecord,
  newId,
  newSession,
  newUserId,
  revokeAllInput,
  revokeInput,
  rotationInput,
} from '../../fixtures/builders.ts';
import { byText } from '../../harness/compare.ts';
import { createInTurn } from './many-sessions.ts';
import { changes, createRotatedSession } from './presentation.ts';
import { readAll, readLive, type SessionSuite } from './trial.ts';

/** Revocation, which is final, and the step-up. */
export const registerRevocation = (suite: SessionSuite): void =>
  suite.group('session revocation', () => {
    suite.test('revoke sets the time and the reason and nothing else', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const before = await readLive(t, sessionId);
      await t.wait(5);
      const input = revokeInput(sessionId, 'password_changed');
      t.same(await t.store.sessions.revoke(input), 'revoked');
      const after = await readLive(t, sessionId);
      const { revokedAt } = after;
      const revokedReason = 'password_changed';
      t.same(after, { ...before, revokedAt, revokedReason, revokedBy: input.callId });
      t.same(revokedAt !== null && revokedAt > before.createdAt, true);
      if (t.clock) t.same(revokedAt, t.clock.now());
    });

    suite.test('a second revocation keeps the first reason and time', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      await t.store.sessions.revoke(revokeInput(sessionId, 'logout'));
      const before = await readLive(t, sessionId);
      await t.wait(5);
      t.same(await t.store.sessions.revoke(revokeInput(sessionId, 'another')), 'already_revoked');
      t.same(await readLive(t, sessionId), before);
    });

    suite.test('a session that does not exist or belongs to another user is missing', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const before = await readLive(t, session.sessionId);
      const { sessions } = t.store;
      t.same(await sessions.revoke(revokeInput(newId('nobody'), 'logout')), 'missing');
      for (const userId of [newUserId(), session.userId.toUpperCase(), `${session.userId} `, '']) {
        t.same(
          await sessions.revoke(revokeInput(session.sessionId, 'logout', { userId })),
          'missing',
        );
      }
      t.same(await readLive(t, session.sessionId), before);
      t.same(
        await sessions.revoke(revokeInput(session.sessionId, 'logout', { userId: session.userId })),
        'revoked',
      );
      t.same(
        await sessions.revoke(revokeInput(session.sessionId, 'logout', { userId: newUserId() })),
        'missing',
      );
    });

    suite.test('another node sees a revocation at once', async (t) => {
      const sessionId = await createRotatedSession(t, 0);
      await t.store.sessions.revoke(revokeInput(sessionId, 'logout'));
      const found = await t.second.sessions.find(sessionId);
      t.same(found?.record.revokedReason, 'logout');
      t.same((await t.second.sessions.rotate(rotationInput(sessionId, 0))).kind, 'revoked');
    });

    suite.test('no later call changes a revoked session', async (t) => {
      const session = newSession();
      const { sessionId, userId } = session;
      const { sessions } = t.store;
      await sessions.create(session);
      await sessions.revoke(revokeInput(sessionId, 'logout'));
      const record = await readLive(t, sessionId);
      await t.wait(5);
      const outcomes = [
        await sessions.rotate(rotationInput(sessionId, 0)),
        await sessions.elevate(elevationInput(sessionId, 0)),
        await sessions.writeData(dataWriteInput(sessionId, 0)),
      ];
      for (const outcome of outcomes) {
        t.same([outcome.kind, 'record' in outcome && outcome.record], ['revoked', record]);
      }
      await sessions.touch(sessionId, 0);
      await sessions.find(sessionId, { generation: 0, interval: 0 });
      await sessions.revoke(revokeInput(sessionId, 'another', { userId }));
      t.same((await sessions.revokeAll(revokeAllInput(userId, 'another'))).revoked, []);
      await sessions.create(newSession({ userId }), { max: 1, policy: 'evict_oldest' });
      await sessions.deleteExpired();
      t.same((await t.store.sessions.find(sessionId))?.record, record);
    });

    suite.test(
      'revokeAll revokes all live sessions of the user and of no other user',
      async (t) => {
        const userId = newUserId();
        const ids = await createInTurn(t, userId, 3);
        const [other] = (await createInTurn(t, newUserId(), 1)) as [string];
        await t.store.sessions.revoke(revokeInput(ids[0] as string, 'earlier'));
        const input = revokeAllInput(userId, 'logout');
        const { revoked } = await t.store.sessions.revokeAll(input);
        t.same(revoked.toSorted(byText), ids.slice(1).toSorted(byText));
        const records = await readAll(t, ids);
        t.same([records[1]?.revokedBy, records[2]?.revokedBy], [input.callId, input.callId]);
        const reasons = records.map(({ revokedReason }) => revokedReason);
        t.same(reasons, ['earlier', 'logout', 'logout']);
        if (t.clock) t.same(records[2]?.revokedAt, t.clock.now());
        t.same((await readLive(t, other)).revokedAt, null);
        t.same(await t.store.sessions.revokeAll(revokeAllInput(userId, 'again')), { revoked: [] });
        t.same(await t.store.sessions.revokeAll(revokeAllInput(newUserId(), 'logout')), {
          revoked: [],
        });
      },
    );

    for (const [name, only, expected] of selections) {
      suite.test(`revokeAll ${name}`, async (t) => {
        const userId = newUserId();
        const ids: string[] = [];
        for (const deviceId of ['phone', 'phone', 'Phone', 'laptop', null]) {
          ids.push(...(await createInTurn(t, userId, 1, { deviceId })));
        }
        const others = await createInTurn(t, newUserId(), 1, { deviceId: 'phone' });
        const selection = only(ids, others);
        const { revoked } = await t.store.sessions.revokeAll(
          revokeAllInput(userId, 'logout', selection),
        );
        const indexes = revoked.map((id) => ids.indexOf(id)).toSorted((a, b) => a - b);
        t.same(indexes, expected);
        const records = await readAll(t, [...ids, ...others]);
        const ended = records.flatMap((record, i) => (record.revokedAt === null ? [] : i));
        t.same(ended, expected);
      });
    }

    suite.test(
      'elevate replaces the token, raises the floor and keeps the lifetimes',
      async (t) => {
        const sessionId = await createRotatedSession(t, 1);
        await t.wait(5);
        const before = await readLive(t, sessionId);
        const input = elevationInput(sessionId, 1);
        const outcome = await t.store.sessions.elevate(input);
        if (outcome.kind !== 'written') throw new Error(outcome.kind);
        const expected = {
          ...before,
          ...changes.rotated(before, outcome.record.rotatedAt, rotationInput(sessionId, 1)),
          floor: 2,
          attributes: input.attributes,
        };
        t.same(outcome.record, expected);
        t.same(await readLive(t, sessionId), expected);
        if (t.clock) t.same([outcome.now, outcome.record.rotatedAt], [t.now(), t.now()]);
      },
    );

    suite.test('elevate of another generation is a conflict and writes nothing', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const before = await readLive(t, sessionId);
      for (const generation of [0, 2]) {
        const next = generationRecord(generation + 1, 'another');
        const outcome = await t.store.sessions.elevate(
          elevationInput(sessionId, generation, { next }),
        );
        t.same([outcome.kind, 'record' in outcome && outcome.record], ['conflict', before]);
      }
      t.same(await readLive(t, sessionId), before);
      const missing = await t.store.sessions.elevate(elevationInput(newId('nobody'), 0));
      t.same(missing, { kind: 'missing' });
    });
  });

type Selections = [
  string,
  (ids: readonly string[], others: readonly string[]) => SessionSelection,
  number[],
][];

const selections: Selections = [
  ['except one session', ([, kept = '']) => ({ exceptSessionId: kept }), [0, 2, 3, 4]],
  [
    'except a session of another user',
    (_, [id = '']) => ({ exceptSessionId: id }),
    [0, 1, 2, 3, 4],
  ],
  ['of one device', () => ({ deviceId: 'phone' }), [0, 1]],
  [
    'of one device except one session',
    ([id = '']) => ({ deviceId: 'phone', exceptSessionId: id }),
    [1],
  ],
  ['of an unknown device', () => ({ deviceId: 'watch' }), []],
];
