import type { RevocationListener } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  newId,
  newSession,
  revokeAllInput,
  revokeInput,
  rotationInput,
} from '../../fixtures/builders.ts';
import { registerOutage } from '../outage.ts';
import type { SessionSuite } from './trial.ts';

/** A failure of the store never means "no such session". */
export const registerSessionOutage = (suite: SessionSuite): void => {
  registerOutage(suite, 'session outage', async ({ sessions }, t) => {
    const [session, other] = [newSession(), newSession()];
    const { sessionId, userId } = session;
    await sessions.create(session);
    const before = (await sessions.find(sessionId))?.record;
    await sessions.create(other);
    const limit = { max: 1, policy: 'refuse' } as const;
    return {
      verbs: {
        create: () => sessions.create(newSession()),
        'create with a limit': () => sessions.create(newSession({ userId }), limit),
        find: () => sessions.find(sessionId),
        'find a missing session': () => sessions.find(newId(userId)),
        'find with activity': () =>
          sessions.find(other.sessionId, { generation: 0, interval: 3_600_000 }),
        rotate: () => sessions.rotate(rotationInput(other.sessionId, 0)),
        elevate: () => sessions.elevate(elevationInput(other.sessionId, 0)),
        writeData: () => sessions.writeData(dataWriteInput(other.sessionId, 0)),
        touch: () => sessions.touch(other.sessionId, 0),
        revoke: () => sessions.revoke(revokeInput(other.sessionId, 'logout')),
        revokeAll: () => sessions.revokeAll(revokeAllInput(other.userId, 'logout')),
        list: () => sessions.list(userId),
        deleteExpired: () => sessions.deleteExpired(),
      },
      check: async () => {
        t.same((await sessions.find(sessionId))?.record, before);
        t.same((await sessions.list(userId)).records, [before]);
      },
    };
  });

  suite.group('session feed outage', () => {
    suite.test('listeners learn when the feed is interrupted and when it is back', async (t) => {
      const { store, begin, end, close } = await t.openOutage();
      try {
        const { sessions } = store;
        if (!sessions.subscribe) return t.skip('the store has no feed');
        const reports: unknown[] = [];
        const revoked: RevocationListener['revoked'] = (...report) => void reports.push(report);
        const connected: RevocationListener['connected'] = (is) => void reports.push(is);
        const stop = sessions.subscribe({ revoked, connected });
        await t.eventually(() => reports.length > 0, 'the feed is connected');
        await begin();
        await t.eventually(() => reports.length > 1, 'the feed is interrupted');
        await end();
        await t.eventually(() => reports.length > 2, 'the feed is connected again');
        const session = newSession();
        await sessions.create(session);
        await sessions.revoke(revokeInput(session.sessionId, 'logout'));
        await t.eventually(() => reports.length > 3, 'the revocation is reported');
        t.same(reports, [true, false, true, [session.sessionId, 'logout']]);
        stop();
      } finally {
        await close?.();
      }
    });
  });
};
