import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../../fixtures/builders.ts';
import { callOnBothNodes, winnerOf } from '../../harness/both-nodes.ts';
import type { Suite } from '../../harness/suite.ts';
import { callIds } from './call-ids.ts';

/** Calls whose replies are lost: they are sent again, on either node. */
export const registerSingleUseSentAgain = (suite: Suite<Pick<Store, 'singleUse'>>): void =>
  suite.group('single use, sent again', () => {
    suite.test(
      'put returns true again to the call that stored the value, and to no equal one',
      async (t) => {
        const key = newUserId();
        const callId = newCallId();
        t.same(await t.store.singleUse.put(key, 'value', 60_000, callId), true);
        t.same(await t.second.singleUse.put(key, 'value', 60_000, callId), true);
        t.same(await t.store.singleUse.put(key, 'value', 60_000, newCallId()), false);
        t.same(await t.store.singleUse.put(key, 'value', 60_000, callId), true);
        t.same(await t.store.singleUse.take(key, newCallId()), 'value');
      },
    );

    suite.test('put that is sent again does not extend the lifetime', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      await t.store.singleUse.put(key, 'value', t.shortLifetime, callId);
      await t.wait(t.shortLifetime * 0.6);
      t.same(await t.store.singleUse.put(key, 'value', t.shortLifetime, callId), true);
      await t.wait(t.shortLifetime * 0.6);
      t.same(await t.store.singleUse.take(key, newCallId()), null);
    });

    suite.test('put that is sent again after its value was taken stores nothing', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      await t.store.singleUse.put(key, 'value', 60_000, callId);
      t.same(await t.store.singleUse.take(key, newCallId()), 'value');
      t.same(await t.second.singleUse.put(key, 'value', 60_000, callId), true);
      t.same(await t.store.singleUse.take(key, newCallId()), null, 'the value is not taken twice');
      t.same(await t.store.singleUse.put(key, 'next', 60_000, newCallId()), true);
      t.same(await t.store.singleUse.take(key, newCallId()), 'next');
    });

    suite.test('take returns the value again to the same call, and to no other', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      await t.store.singleUse.put(key, 'value', 60_000, newCallId());
      t.same(await t.store.singleUse.take(key, callId), 'value');
      t.same(await t.store.singleUse.take(key, newCallId()), null);
      t.same(await t.second.singleUse.take(key, callId), 'value');
      await t.store.singleUse.deleteExpired();
      t.same(await t.store.singleUse.take(key, callId), 'value');
      t.same(await t.second.singleUse.take(key, newCallId()), null);
    });

    suite.test('take that returned null returns null again', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      t.same(await t.store.singleUse.take(key, callId), null);
      t.same(await t.second.singleUse.take(key, callId), null);
      await t.store.singleUse.put(key, 'value', 60_000, newCallId());
      await t.store.singleUse.take(key, newCallId());
      t.same(await t.store.singleUse.take(key, callId), null);
    });

    suite.test(
      'take that is sent again returns null after the value would have expired',
      async (t) => {
        const key = newUserId();
        const callId = newCallId();
        const lifetime = t.clock ? 30_000 : t.shortLifetime;
        await t.store.singleUse.put(key, 'value', lifetime, newCallId());
        t.same(await t.store.singleUse.take(key, callId), 'value');
        await t.wait(lifetime);
        t.same(await t.store.singleUse.take(key, callId), null);
      },
    );

    suite.test('the callIds of inputs can be overwritten', async (t) => {
      const key = newUserId();
      const [putBy, takenBy] = [newCallId(), newCallId()];
      const [put, take] = [Uint8Array.from(putBy), Uint8Array.from(takenBy)];
      await t.store.singleUse.put(key, 'value', 60_000, put);
      put.fill(0xee);
      t.same(await t.store.singleUse.put(key, 'value', 60_000, putBy), true);
      t.same(await t.store.singleUse.put(key, 'value', 60_000, put), false);
      await t.store.singleUse.take(key, take);
      take.fill(0xee);
      t.same(await t.store.singleUse.take(key, takenBy), 'value');
      t.same(await t.store.singleUse.take(key, take), null);
    });

    suite.test('take returns the value again within a minute, not later', async (t) => {
      const clock = t.requireClock();
      const key = newUserId();
      const callId = newCallId();
      await t.store.singleUse.put(key, 'value', 3_600_000, newCallId());
      await t.store.singleUse.take(key, callId);
      await clock.advance(59_999);
      t.same(await t.store.singleUse.take(key, callId), 'value');
      await clock.advance(2);
      t.same(await t.store.singleUse.take(key, callId), null);
    });

    suite.test('of 64 concurrent takes and puts, each sent twice, one of each wins', async (t) => {
      const key = newUserId();
      const stored = await callOnBothNodes(t, callIds(), ({ singleUse }, callId) =>
        singleUse.put(key, 'value', 60_000, callId),
      );
      winnerOf(t, stored, (put) => put);
      const taken = await callOnBothNodes(t, callIds(), ({ singleUse }, callId) =>
        singleUse.take(key, callId),
      );
      winnerOf(t, taken, (value) => value === 'value');
    });
  });
