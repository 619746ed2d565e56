import {
  dataWriteInput,
  newId,
  newSession,
  newUserId,
  revokeAllInput,
  revokeInput,
  rotationInput,
} from '../../fixtures/builders.ts';
import { longJson, longTexts } from '../../fixtures/long-texts.ts';
import { oddJson, oddTexts } from '../../fixtures/odd-text.ts';
import { similarIds } from '../../fixtures/similar-ids.ts';
import { readLive, type SessionSuite } from './trial.ts';

/** Ids and users are compared exactly, whatever they look like. */
export const registerIdentity = (suite: SessionSuite): void =>
  suite.group('session identity', () => {
    suite.test('an unknown id finds nothing', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      t.same(await t.store.sessions.find(newId(session.userId)), null);
      t.same(await t.store.sessions.find(newId('nobody')), null);
      t.same(await t.store.sessions.find('A'.repeat(24)), null);
    });

    suite.test('ids that differ in one character or its case are distinct', async (t) => {
      const userId = 'similar ids';
      const [missing = '', ...ids] = similarIds(userId);
      for (const sessionId of ids) {
        await t.store.sessions.create(newSession({ userId, sessionId, data: `"${sessionId}"` }));
      }
      for (const sessionId of ids) {
        const record = await readLive(t, sessionId);
        t.same([record.sessionId, record.data], [sessionId, `"${sessionId}"`]);
      }
      t.same(await t.store.sessions.find(missing), null);
      t.same(await t.store.sessions.rotate(rotationInput(missing, 0)), { kind: 'missing' });
      t.same(await t.store.sessions.revoke(revokeInput(missing, 'logout')), 'missing');
    });

    suite.test('users with odd ids see only their own sessions', async (t) => {
      const sessions = oddTexts.map((userId) => newSession({ userId, data: quote(userId) }));
      for (const session of sessions) await t.store.sessions.create(session);
      for (const { userId, sessionId } of sessions) {
        const record = await readLive(t, sessionId);
        t.same([record.userId, record.data], [userId, quote(userId)]);
        const { records } = await t.store.sessions.list(userId);
        // A shared server may hold sessions of these users from earlier tests.
        t.same([...new Set(records.map((listed) => listed.userId))], [userId]);
        const found = records.find((listed) => listed.sessionId === sessionId);
        t.same(found, record, `the sessions of ${quote(userId)}`);
      }
    });

    suite.test('revokeAll of a user with an odd id ends no other user’s sessions', async (t) => {
      const sessions = oddTexts.map((userId) => newSession({ userId }));
      for (const session of sessions) await t.store.sessions.create(session);
      const ended = new Set<string>();
      for (const { userId, sessionId } of sessions) {
        const { revoked } = await t.store.sessions.revokeAll(revokeAllInput(userId, 'logout'));
        t.same(revoked.includes(sessionId), true, `the session of ${quote(userId)}`);
        ended.add(sessionId);
        const early = sessions.filter((other) => !ended.has(other.sessionId));
        t.same(
          early.filter((other) => revoked.includes(other.sessionId)),
          [],
        );
      }
    });

    suite.test('the session limit applies to each user with an odd id separately', async (t) => {
      for (const userId of oddTexts)
        await t.store.sessions.revokeAll(revokeAllInput(userId, 'earlier'));
      for (const userId of oddTexts) {
        const limit = { max: 1, policy: 'refuse' } as const;
        const { kind } = await t.store.sessions.create(newSession({ userId }), limit);
        t.same(kind, 'created', quote(userId));
      }
      for (const userId of oddTexts)
        await t.store.sessions.revokeAll(revokeAllInput(userId, 'done'));
    });

    suite.test('odd texts are stored unchanged as device, reason and user', async (t) => {
      for (const text of oddTexts) {
        const session = newSession({ userId: text, deviceId: text });
        await t.store.sessions.create(session);
        t.same((await readLive(t, session.sessionId)).deviceId, text);
        const { revoked } = await t.store.sessions.revokeAll(
          revokeAllInput(text, text, { deviceId: text }),
        );
        t.same(revoked.includes(session.sessionId), true, `the device ${quote(text)}`);
        t.same((await readLive(t, session.sessionId)).revokedReason, text);
      }
    });

    suite.test('texts of the greatest length are stored unchanged', async (t) => {
      const [attributes, claims, texts] = [longJson(131_072), longJson(16_384), longTexts(255)];
      for (const [i, userId] of longTexts(255, newUserId()).entries()) {
        const [json, text] = [claims[i] as string, texts[i] as string];
        const given = { attributes: attributes[i] as string, claims: json, data: json };
        const session = newSession({ userId, deviceId: text, ...given });
        await t.store.sessions.create(session);
        const record = await readLive(t, session.sessionId);
        const { deviceId } = record;
        t.same({ userId: record.userId, deviceId }, { userId, deviceId: text });
        t.same([record.attributes, record.claims, record.data], Object.values(given));
        t.same((await t.store.sessions.list(userId)).records, [record]);
        const write = dataWriteInput(session.sessionId, 0, { claims: json, data: json });
        t.same((await t.store.sessions.writeData(write)).kind, 'written');
        const all = revokeAllInput(userId, text, { deviceId: text });
        t.same((await t.store.sessions.revokeAll(all)).revoked, [session.sessionId]);
        const { revokedReason, data } = await readLive(t, session.sessionId);
        t.same([revokedReason, data], [text, json]);
      }
    });

    suite.test('odd JSON is stored unchanged', async (t) => {
      for (const json of oddJson) {
        const session = newSession({ attributes: json, claims: json, data: json });
        await t.store.sessions.create(session);
        const { attributes, claims, data } = await readLive(t, session.sessionId);
        t.same({ attributes, claims, data }, { attributes: json, claims: json, data: json });
        const write = dataWriteInput(session.sessionId, 0, { claims: json, data: json });
        await t.store.sessions.writeData(write);
        const after = await readLive(t, session.sessionId);
        t.same([after.claims, after.data, after.dataVersion], [json, json, 1]);
      }
      t.same(({} as Record<string, unknown>)['admin'], undefined, 'no prototype was changed');
    });
  });

const quote = (text: string): string => JSON.stringify(text);
