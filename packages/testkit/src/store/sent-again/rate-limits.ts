import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../../fixtures/builders.ts';
import type { Suite } from '../../harness/suite.ts';

/** Calls whose replies are lost: they are sent again, on either node. */
export const registerRateLimitsSentAgain = (suite: Suite<Pick<Store, 'rateLimits'>>): void =>
  suite.group('rate limits, sent again', () => {
    const limit = { capacity: 5, refillInterval: 3_600_000 };

    suite.test('the last call, sent again, takes nothing more and is allowed', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      for (const node of [t.store, t.second, t.store]) {
        const outcome = await node.rateLimits.consume(key, { ...limit, cost: 3 }, callId);
        t.same([outcome.allowed, outcome.remaining, outcome.retryAfter], [true, 2, 0]);
      }
      t.same((await t.store.rateLimits.consume(key, limit, newCallId())).remaining, 1);
    });

    suite.test('the callId of an input can be overwritten', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      const given = Uint8Array.from(callId);
      await t.store.rateLimits.consume(key, limit, given);
      given.fill(0xee);
      t.same((await t.store.rateLimits.consume(key, limit, callId)).remaining, 4);
      t.same((await t.store.rateLimits.consume(key, limit, given)).remaining, 3);
    });

    suite.test('another call with the same input takes tokens', async (t) => {
      const key = newUserId();
      for (const remaining of [4, 3, 2]) {
        t.same((await t.store.rateLimits.consume(key, limit, newCallId())).remaining, remaining);
      }
    });

    suite.test('the call that emptied the bucket, sent again, is allowed', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      for (const node of [t.store, t.second]) {
        const outcome = await node.rateLimits.consume(key, { ...limit, cost: 5 }, callId);
        t.same([outcome.allowed, outcome.remaining, outcome.retryAfter], [true, 0, 0]);
      }
      t.same((await t.store.rateLimits.consume(key, limit, newCallId())).allowed, false);
    });

    suite.test('it is allowed even if other calls were refused meanwhile', async (t) => {
      const key = newUserId();
      const callId = newCallId();
      const all = { ...limit, cost: 5 };
      await t.store.rateLimits.consume(key, all, callId);
      const refused = newCallId();
      for (let i = 0; i < 2; i++) {
        t.same((await t.store.rateLimits.consume(key, limit, refused)).allowed, false);
      }
      t.same((await t.second.rateLimits.consume(key, all, callId)).allowed, true);
    });

    suite.test('a refused call, sent again, is refused until there are tokens', async (t) => {
      const key = newUserId();
      const short = { capacity: 1, refillInterval: t.shortLifetime };
      const callId = newCallId();
      await t.store.rateLimits.consume(key, short, newCallId());
      for (let i = 0; i < 2; i++) {
        t.same((await t.store.rateLimits.consume(key, short, callId)).allowed, false);
      }
      await t.wait(t.shortLifetime);
      t.same((await t.store.rateLimits.consume(key, short, callId)).allowed, true);
    });
  });
