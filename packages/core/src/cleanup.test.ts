import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Cleanup, startCleanup } from './cleanup.ts';
import { ConfigurationError } from './errors.ts';

const interval = 60_000;

describe('a cleanup', () => {
  let running: Cleanup[] = [];
  const start = (...args: Parameters<typeof startCleanup>): Cleanup => {
    const cleanup = startCleanup(...args);
    running.push(cleanup);
    return cleanup;
  };
  beforeEach(() => void vi.useFakeTimers());
  afterEach(async () => {
    await Promise.all(running.map((cleanup) => cleanup.stop()));
    running = [];
    vi.useRealTimers();
  });

  const counter = (): { runs: number; deleteExpired: () => Promise<number> } => {
    const store = { runs: 0, deleteExpired: async () => ++store.runs };
    return store;
  };

  it('A24: runs at once, and then each interval after the last run', async () => {
    const [a, b] = [counter(), counter()];
    start({ sessions: a, apiKeys: b }, interval);
    await vi.advanceTimersByTimeAsync(0);
    expect([a.runs, b.runs]).toStrictEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(interval - 1);
    expect([a.runs, b.runs]).toStrictEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect([a.runs, b.runs]).toStrictEqual([2, 2]);
    await vi.advanceTimersByTimeAsync(10 * interval);
    expect([a.runs, b.runs]).toStrictEqual([12, 12]);
  });

  it('A24: survives a store that fails, and tells of it', async () => {
    const failures: unknown[] = [];
    const healthy = counter();
    const failure = new Error('away');
    const failing = { deleteExpired: () => Promise.reject(failure) };
    const throwing = {
      deleteExpired: () => {
        throw failure;
      },
    };
    const store = { sessions: failing, blocklist: throwing, apiKeys: healthy };
    start(store, interval, { onError: (error) => failures.push(error) });
    await vi.advanceTimersByTimeAsync(2 * interval);
    expect(healthy.runs).toBe(3);
    expect(failures).toStrictEqual(Array(6).fill(failure));
  });

  it('A24: survives a listener that throws', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
    const healthy = counter();
    const failing = { deleteExpired: () => Promise.reject(new Error('away')) };
    const throwing = (): void => {
      throw new Error('a bug');
    };
    for (const onError of [throwing, () => Promise.reject(new Error('a bug'))]) {
      healthy.runs = 0;
      reported.mockClear();
      const cleanup = start({ sessions: failing, apiKeys: healthy }, interval, { onError });
      await vi.advanceTimersByTimeAsync(2 * interval);
      expect(healthy.runs).toBe(3);
      expect(reported).toHaveBeenCalledTimes(3);
      await cleanup.stop();
    }
    reported.mockRestore();
  });

  it('A24: stopping waits for the run that is under way, and no other begins', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    let runs = 0;
    const slow = { deleteExpired: () => (runs++, promise) };
    const cleanup = start({ sessions: slow }, interval);
    let stopped = false;
    const stopping = cleanup.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(5 * interval);
    expect(stopped).toBe(false);
    resolve(0);
    await stopping;
    await vi.advanceTimersByTimeAsync(5 * interval);
    expect(runs).toBe(1);
    await cleanup.stop();
  });

  it('stopping between two runs ends it', async () => {
    const store = counter();
    const cleanup = start({ sessions: store }, interval);
    await vi.advanceTimersByTimeAsync(interval);
    await cleanup.stop();
    await vi.advanceTimersByTimeAsync(5 * interval);
    expect(store.runs).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never overlaps itself', async () => {
    let under = 0;
    let most = 0;
    const slow = {
      deleteExpired: async () => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setTimeout(resolve, 3 * interval));
        return --under;
      },
    };
    const cleanup = start({ sessions: slow }, interval);
    await vi.advanceTimersByTimeAsync(20 * interval);
    expect(most).toBe(1);
    const stopping = cleanup.stop();
    await vi.advanceTimersByTimeAsync(3 * interval);
    await stopping;
  });

  it('sweeps every part that keeps what expires, and leaves the others alone', async () => {
    const parts = Array.from({ length: 6 }, counter);
    const [sessions, blocklist, singleUse, apiKeys, rateLimits, added] = parts;
    const leases = { acquire: async () => null, renew: async () => false, release: async () => {} };
    const store = { sessions, blocklist, singleUse, apiKeys, leases, rateLimits, added };
    start(store, interval);
    await vi.advanceTimersByTimeAsync(0);
    expect(parts.map(({ runs }) => runs)).toStrictEqual([1, 1, 1, 1, 1, 1]);
  });

  it('needs a store with a part that keeps what expires', () => {
    for (const odd of [{}, { sessions: undefined }, counter(), [counter()][0], undefined, null]) {
      expect(() => startCleanup(odd as never, interval)).toThrow(ConfigurationError);
    }
  });

  it('names an interval that is out of range', () => {
    for (const odd of [999, 0, -1, Number.NaN, Infinity, 2 ** 31, undefined, null]) {
      expect(() => startCleanup({ sessions: counter() }, odd as number)).toThrow(
        ConfigurationError,
      );
    }
  });
});
