import type { RevocationListener } from '@pawl/core/store';
import { expect, it, vi } from 'vitest';
import { RevocationFeed } from './revocation-feed.ts';

it('notifies before the verb returns, and is connected from the start', () => {
  const feed = new RevocationFeed();
  const listener = {
    revoked: vi.fn<RevocationListener['revoked']>(),
    connected: vi.fn<RevocationListener['connected']>(),
  };
  const stop = feed.subscribe(listener);
  expect(listener.connected).toHaveBeenCalledExactlyOnceWith(true);
  feed.revoked('session', 'logout');
  expect(listener.revoked).toHaveBeenCalledExactlyOnceWith('session', 'logout');
  stop();
  feed.revoked('session', 'logout');
  expect(listener.revoked).toHaveBeenCalledTimes(1);
});

it('an error of one listener reaches neither the caller nor other listeners', () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const feed = new RevocationFeed();
  const revoked = vi.fn<RevocationListener['revoked']>();
  const bug = new Error('a bug');
  feed.subscribe({
    revoked: () => {
      throw bug;
    },
    connected: () => undefined,
  });
  feed.subscribe({ revoked, connected: () => undefined });
  feed.revoked('session', 'logout');
  expect(revoked).toHaveBeenCalledOnce();
  expect(log).toHaveBeenCalledExactlyOnceWith('pawl: a revocation listener threw', bug);
  log.mockRestore();
});
