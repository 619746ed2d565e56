import { newCallId } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import type { Upgraded } from './first-edition.ts';

const day = 86_400_000;

export const testOtherParts = ({ made, age, opened }: Upgraded): void => {
  describe('what else the first edition left', () => {
    it('survives the cleanup', async () => {
      const { sessions, blocklist, singleUse, apiKeys, rateLimits } = opened().store;
      for (const part of [sessions, blocklist, singleUse, apiKeys, rateLimits]) {
        expect(await part.deleteExpired()).toBe(0);
      }
    });

    it('a single-use value is taken once, and a taken one never', async () => {
      const { singleUse } = opened().store;
      expect(await singleUse.put('state', 'another', 60_000, newCallId())).toBe(false);
      const callId = newCallId();
      for (let i = 0; i < 2; i++) {
        expect(await singleUse.take('state', callId)).toBe('{"verifier":"Zoë"}');
      }
      expect(await singleUse.take('state', newCallId())).toBeNull();
      expect(await singleUse.take('taken', newCallId())).toBeNull();
      for (const key of ['state', 'taken']) {
        expect(await singleUse.put(key, 'next', 60_000, newCallId())).toBe(true);
        expect(await singleUse.take(key, newCallId())).toBe('next');
      }
    });

    it('a lease is held by its holder, until it gives it back', async () => {
      const { leases } = opened().store;
      const { held } = made.leases;
      expect(await leases.acquire('held', 60_000, newCallId())).toBeNull();
      expect(await leases.renew('held', { fence: held.fence + 1 }, 60_000)).toBe(false);
      expect(await leases.renew('held', held, 60_000)).toBe(true);
      expect(await leases.acquire('held', 60_000, newCallId())).toBeNull();
      await leases.release('held', held);
      const next = await leases.acquire('held', 60_000, newCallId());
      expect(next?.fence).toBeGreaterThan(held.fence);
    });

    it('a lease that was given back is granted with a greater fence', async () => {
      const { leases } = opened().store;
      const { released } = made.leases;
      expect(await leases.renew('released', released, 60_000)).toBe(false);
      const next = await leases.acquire('released', 60_000, newCallId());
      expect(next?.fence).toBeGreaterThan(released.fence);
    });

    it('a bucket lacks the tokens that were taken, but for what it gained since', async () => {
      const { rateLimits } = opened().store;
      const limit = { capacity: 5, refillInterval: 60 * day };
      const consume = () => rateLimits.consume('bucket', limit, newCallId());
      expect(await consume()).toMatchObject({ allowed: true, remaining: 1 });
      expect(await consume()).toMatchObject({ allowed: true, remaining: 0 });
      const refused = await consume();
      expect(refused.allowed).toBe(false);
      expect(Math.abs(refused.retryAfter - (60 * day - age))).toBeLessThan(60_000);
    });

    it('an id on the blocklist stays there', async () => {
      const { blocklist } = opened().store;
      expect(await blocklist.isRevoked(['blocked'])).toBe(true);
      expect(await blocklist.isRevoked(['another'])).toBe(false);
    });
  });
};
