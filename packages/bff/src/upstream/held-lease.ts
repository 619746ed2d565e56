import type { Lease, LeaseStore } from '@pawl/core/store';

/** A lease that is prolonged until it is given back. */
export interface HeldLease {
  readonly fence: number;
  /** Whether it cannot have run out: this process may have stood still. */
  isAlive(): boolean;
  /** Never fails: a lease that cannot be given back runs out. */
  release(): Promise<void>;
}

/**
 * Takes a lease and keeps renewing it, three times per `ttl`: so it lasts as long as its
 * holder lives, and not much longer. Null while somebody else holds it.
 *
 * @throws what the store throws
 */
export const holdLease = async (
  leases: LeaseStore,
  name: string,
  ttl: number,
): Promise<HeldLease | null> => {
  let since = performance.now();
  const lease: Lease | null = await leases.acquire(name, ttl);
  if (!lease) return null;
  let renewing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // One that was lost is not taken back: the writer finds out by what it compares.
    const asked = performance.now();
    renewing = leases.renew(name, lease, ttl).then(
      (renewed) => {
        if (renewed) since = asked;
      },
      () => {},
    );
  }, ttl / 3);
  (timer as { unref?: () => void }).unref?.();
  return {
    fence: lease.fence,
    isAlive: () => performance.now() - since < ttl,
    release: async () => {
      clearInterval(timer);
      await renewing;
      await leases.release(name, lease).catch(() => {});
    },
  };
};
