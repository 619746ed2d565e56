import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../../fixtures/builders.ts';
import type { Suite } from '../../harness/suite.ts';
import { bothAtOnce, winnerOf } from '../../harness/under-way-twice.ts';
import { callIds } from './call-ids.ts';

/** Calls that get no reply and are sent again, on whichever node. */
export const registerLeasesSentAgain = (suite: Suite<Pick<Store, 'leases'>>): void =>
  suite.group('leases, sent again', () => {
    suite.test('acquire gets its lease again, and no other call does', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const lease = await t.store.leases.acquire(name, 60_000, callId);
      t.same(lease === null, false);
      t.same(await t.second.leases.acquire(name, 60_000, callId), lease);
      t.same(await t.store.leases.acquire(name, 60_000, newCallId()), null);
      t.same(await t.store.leases.renew(name, lease ?? { fence: 0 }, 60_000), true);
      t.same(await t.store.leases.acquire(name, 60_000, callId), lease);
    });

    suite.test('the callId that was given can be overwritten', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const given = Uint8Array.from(callId);
      const lease = await t.store.leases.acquire(name, 60_000, given);
      given.fill(0xee);
      t.same(await t.store.leases.acquire(name, 60_000, given), null);
      t.same(await t.store.leases.acquire(name, 60_000, callId), lease);
    });

    suite.test('acquire that is sent again does not prolong the lease', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const lease = await t.store.leases.acquire(name, t.shortLifetime, callId);
      await t.wait(t.shortLifetime * 0.6);
      t.same(await t.store.leases.acquire(name, t.shortLifetime, callId), lease);
      await t.wait(t.shortLifetime * 0.6);
      const next = await t.store.leases.acquire(name, t.shortLifetime, newCallId());
      t.same((next?.fence ?? 0) > (lease?.fence ?? 0), true, 'it has run out');
    });

    suite.test('a lease that was given back is granted anew, with a new fence', async (t) => {
      const name = newUserId();
      const callId = newCallId();
      const lease = await t.store.leases.acquire(name, 60_000, callId);
      await t.store.leases.release(name, lease ?? { fence: 0 });
      const next = await t.store.leases.acquire(name, 60_000, callId);
      t.same((next?.fence ?? 0) > (lease?.fence ?? 0), true);
    });

    suite.test('64 calls, each under way twice: one gets it', async (t) => {
      const name = newUserId();
      const granted = await bothAtOnce(t, callIds(), ({ leases }, callId) =>
        leases.acquire(name, 60_000, callId),
      );
      const [first, again] = granted[winnerOf(t, granted, (lease) => lease !== null)] ?? [];
      t.same(first, again);
    });
  });
