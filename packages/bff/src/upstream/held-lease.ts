import { type Lease, type LeaseStore, newCallId } from '@pawl/core/store';

/** A lease that is renewed until it is released. */
export interface HeldLease {
  readonly fence: number;
  /** Whether the lease is certainly still held. It may have expired if this process was suspended. */
  isAlive(): boolean;
  /** Releases the lease. Never fails: a lease that cannot be released expires. */
  release(): Promise<void>;
}

/**
 * Acquires a lease and renews it three times per `ttl`, so that it lasts as long as its holder
 * lives and not much longer. Returns null if another node holds it.
 *
 * @throws what the store throws
 */
export const holdLease = async (
  leases: LeaseStore,
  name: string,
  ttl: number,
): Promise<HeldLease | null> => {
  let renewedAt = performance.now();
  const lease: Lease | null = await leases.acquire(name, ttl, newCallId());
  if (!lease) return null;
  let renewing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A lost lease is not acquired again: the write that follows finds out by what it compares.
    const sentAt = performance.now();
    renewing = leases.renew(name, lease, ttl).then(
      (renewed) => {
        if (renewed) renewedAt = sentAt;
      },
      () => {},
    );
  }, ttl / 3);
  (timer as { unref?: () => void }).unref?.();
  return {
    fence: lease.fence,
    isAlive: () => performance.now() - renewedAt < ttl,
    release: async () => {
      clearInterval(timer);
      await renewing;
      await leases.release(name, lease).catch(() => {});
    },
  };
};
