import type { RevocationListener } from '@pawl/core/store';
import { expect, it, vi } from 'vitest';
import { RevocationFeed } from './revocation-feed.ts';

it('tells within the call, and is connected from the start', () => {
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

it('keeps the bug of one listener from the caller and from the others', () => {
  const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined);
  const feed = new RevocationFeed();
  const told = vi.fn<RevocationListener['revoked']>();
  const bug = new Error('a bug');
  feed.subscribe({
    revoked: () => {
      throw bug;
    },
    connected: () => undefined,
  });
  feed.subscribe({ revoked: told, connected: () => undefined });
  feed.revoked('session', 'logout');
  expect(told).toHaveBeenCalledOnce();
  expect(later.mock.calls[0]?.[0]).toThrow(bug);
  later.mockRestore();
});
