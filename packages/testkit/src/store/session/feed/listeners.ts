import type { RevocationListener } from '@pawl/core/store';
import { newUserId, revokeInput } from '../../../fixtures/builders.ts';
import { createInTurn } from '../many-sessions.ts';
import type { SessionSuite, SessionTrial } from '../trial.ts';

/** What listeners of the feed may do, and what they may rely on. */
export const registerFeedListeners = (suite: SessionSuite): void =>
  suite.group('listeners of the session feed', () => {
    suite.test(
      'an error of a listener reaches neither the verb nor another listener',
      async (t) => {
        const { error } = console;
        console.error = () => undefined;
        try {
          const fail = (): never => {
            throw new Error('a bug in a listener');
          };
          const first = await subscribe(t, { revoked: fail, connected: fail });
          const second = await listen(t);
          const ids = await createInTurn(t, newUserId(), 2);
          for (const id of ids) {
            t.same(await t.store.sessions.revoke(revokeInput(id, 'logout')), 'revoked');
          }
          await second.waitFor(2);
          t.same(second.ended, ids);
          first();
          second.stop();
        } finally {
          console.error = error;
        }
      },
    );

    suite.test('every listener receives the revocations of a user in order', async (t) => {
      const listeners = [await listen(t), await listen(t)];
      const ids = await createInTurn(t, newUserId(), 6);
      for (const id of ids.toReversed()) {
        await t.store.sessions.revoke(revokeInput(id, 'logout'));
      }
      for (const { waitFor, ended, stop } of listeners) {
        await waitFor(6);
        t.same(ended, ids.toReversed());
        stop();
      }
    });

    suite.test('a revocation by a listener arrives after the one it was called for', async (t) => {
      const [a, b] = (await createInTurn(t, newUserId(), 2)) as [string, string];
      const work: Promise<unknown>[] = [];
      const listeners = [
        await listen(t, (id) => {
          if (id === a) work.push(t.store.sessions.revoke(revokeInput(b, 'logout')));
        }),
        await listen(t),
      ];
      await t.store.sessions.revoke(revokeInput(a, 'logout'));
      for (const { waitFor, ended } of listeners) {
        await waitFor(2);
        t.same(ended, [a, b]);
      }
      t.same(await Promise.all(work), ['revoked']);
      for (const { stop } of listeners) stop();
    });

    suite.test('a listener may unsubscribe itself and others during a call', async (t) => {
      const ids = await createInTurn(t, newUserId(), 3);
      let callsAfterStop = 0;
      let hasStopped = false;
      const count = (): void => {
        if (hasStopped) callsAfterStop++;
      };
      const others = [await listen(t, count)];
      const once = await listen(t, () => {
        count();
        once.stop();
        for (const other of others) other.stop();
        hasStopped = true;
      });
      others.push(await listen(t, count));
      const last = await listen(t);
      for (const id of ids) await t.store.sessions.revoke(revokeInput(id, 'logout'));
      await last.waitFor(3);
      t.same([callsAfterStop, once.ended.length, last.ended], [0, 1, ids]);
      once.stop();
      last.stop();
    });

    suite.test('a listener that subscribes during a call receives the next one', async (t) => {
      const [a, b] = (await createInTurn(t, newUserId(), 2)) as [string, string];
      const added: ReturnType<typeof listen>[] = [];
      const first = await listen(t, (id) => {
        if (id === a) added.push(listen(t));
      });
      await t.store.sessions.revoke(revokeInput(a, 'logout'));
      await first.waitFor(1);
      const [second] = await Promise.all(added);
      await t.store.sessions.revoke(revokeInput(b, 'logout'));
      await first.waitFor(2);
      await t.eventually(() => second?.ended.includes(b) === true, 'the new listener is called');
      first.stop();
      second?.stop();
    });

    suite.test('a listener that subscribes twice is called twice', async (t) => {
      const [a, b] = (await createInTurn(t, newUserId(), 2)) as [string, string];
      const ended: string[] = [];
      const twice: RevocationListener = {
        revoked: (id) => void ended.push(id),
        connected: () => undefined,
      };
      const stops = [await subscribe(t, twice), await subscribe(t, twice)] as const;
      const other = await listen(t);
      await t.store.sessions.revoke(revokeInput(a, 'logout'));
      await t.eventually(() => ended.length === 2, 'both are called');
      stops[0]();
      stops[0]();
      await t.store.sessions.revoke(revokeInput(b, 'logout'));
      await other.waitFor(2);
      await t.eventually(() => ended.length === 3, 'the other one is called');
      t.same(ended, [a, a, b]);
      stops[1]();
      other.stop();
    });
  });

interface Listening {
  /** The ids of the user's sessions that were reported, in order. */
  readonly ended: string[];
  readonly waitFor: (count: number) => Promise<void>;
  readonly stop: () => void;
}

/** Listens to sessions that the test has created; a shared server may report others. */
const listen = async (
  t: SessionTrial,
  called: (sessionId: string) => void = () => undefined,
): Promise<Listening> => {
  const ended: string[] = [];
  let isConnected = false;
  const stop = await subscribe(t, {
    revoked: (sessionId) => {
      ended.push(sessionId);
      called(sessionId);
    },
    connected: (connected) => {
      isConnected = connected;
    },
  });
  await t.eventually(() => isConnected, 'the feed is connected');
  return {
    ended,
    waitFor: (count) => t.eventually(() => ended.length >= count, `${count} are reported`),
    stop,
  };
};

const subscribe = async (t: SessionTrial, listener: RevocationListener): Promise<() => void> =>
  t.store.sessions.subscribe?.(listener) ?? t.skip('the store has no feed');
