import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../../fixtures/builders.ts';
import { callOnBothNodes, winnerOf } from '../../harness/both-nodes.ts';
import type { Suite } from '../../harness/suite.ts';
import { callIds } from './call-ids.ts';

/** Calls whose replies are lost: they are sent again, on either node. */
export const registerLeasesSentAgain = (suite: Suite<Pick<Store, 'leases'>>): void =>
  suite.group('leases, sent again', () => {
    suite.test('acquire returns the lease again to the same call, and to no other', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const lease = await t.store.leases.acquire(name, 60_000, callId);
      t.same(lease === null, false);
      t.same(await t.second.leases.acquire(name, 60_000, callId), lease);
      t.same(await t.store.leases.acquire(name, 60_000, newCallId()), null);
      t.same(await t.store.leases.renew(name, lease ?? { fence: 0 }, 60_000), true);
      t.same(await t.store.leases.acquire(name, 60_000, callId), lease);
    });

    suite.test('the callId of an input can be overwritten', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const given = Uint8Array.from(callId);
      const lease = await t.store.leases.acquire(name, 60_000, given);
      given.fill(0xee);
      t.same(await t.store.leases.acquire(name, 60_000, given), null);
      t.same(await t.store.leases.acquire(name, 60_000, callId), lease);
    });

    suite.test('acquire that is sent again does not extend the lease', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const lease = await t.store.leases.acquire(name, t.shortLifetime, callId);
      await t.wait(t.shortLifetime * 0.6);
      t.same(await t.store.leases.acquire(name, t.shortLifetime, callId), lease);
      await t.wait(t.shortLifetime * 0.6);
      const next = await t.store.leases.acquire(name, t.shortLifetime, newCallId());
      t.same((next?.fence ?? 0) > (lease?.fence ?? 0), true, 'the lease has expired');
    });

    suite.test('a released lease is granted again, with a new fence', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const lease = await t.store.leases.acquire(name, 60_000, callId);
      await t.store.leases.release(name, lease ?? { fence: 0 });
      const next = await t.store.leases.acquire(name, 60_000, callId);
      t.same((next?.fence ?? 0) > (lease?.fence ?? 0), true);
    });

    suite.test('of 64 concurrent calls, each sent twice, one gets the lease', async (t) => {
      const name = newUserId();
      const granted = await callOnBothNodes(t, callIds(), ({ leases }, callId) =>
        leases.acquire(name, 60_000, callId),
      );
      const [first, again] = granted[winnerOf(t, granted, (lease) => lease !== null)] ?? [];
      t.same(first, again);
    });
  });
