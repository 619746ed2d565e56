import { SessionExpiredError, SessionRevokedError, StoreUnavailableError } from '@pawl/core';
import type { RevocationListener } from '@pawl/core/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOpenConnections } from './open-connections.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const interval = 30_000;

const setUp = () => {
  const listeners = new Set<RevocationListener>();
  const ended: string[] = [];
  const asked: string[] = [];
  const state: { failure: Error | undefined } = { failure: undefined };
  const open = createOpenConnections(
    {
      sessions: {
        get: async (sessionId) => {
          asked.push(sessionId);
          if (state.failure) throw state.failure;
          return undefined as never;
        },
      },
      feed: {
        subscribe: (listener) => {
          listeners.add(listener);
          listener.connected(true);
          return () => listeners.delete(listener);
        },
      },
    },
    interval,
    Date.now,
  );
  return {
    open,
    ended,
    asked,
    state,
    listeners,
    add: (sessionId: string, name = sessionId) => {
      const connection = { end: (reason: string) => void ended.push(`${name}: ${reason}`) };
      const place = open.add(sessionId, connection);
      return () => place.leave();
    },
    tell: (act: (listener: RevocationListener) => void) => listeners.forEach(act),
  };
};

test('what is revoked ends, all of it, once, and nothing else', () => {
  const { add, tell, ended, open } = setUp();
  add('ann', 'one');
  add('ann', 'two');
  add('bob');
  tell(({ revoked }) => revoked('ann', 'logout'));
  tell(({ revoked }) => revoked('ann', 'logout'));
  tell(({ revoked }) => revoked('eve', 'logout'));
  expect(ended).toStrictEqual(['one: session_ended', 'two: session_ended']);
  expect(open.size()).toBe(1);
});

test('what is over is forgotten', () => {
  const { add, tell, ended, open } = setUp();
  const [one, two] = [add('ann', 'one'), add('ann', 'two')];
  one();
  one();
  tell(({ revoked }) => revoked('ann', 'logout'));
  expect(ended).toStrictEqual(['two: session_ended']);
  two();
  expect(open.size()).toBe(0);
  const again = add('ann');
  two();
  expect(open.size()).toBe(1);
  again();
});

test.each([new SessionExpiredError(), new SessionRevokedError('logout')])(
  'without a word of the feed it ends when it is looked at: %s',
  async (failure) => {
    const { add, state, ended, asked } = setUp();
    add('ann');
    await vi.advanceTimersByTimeAsync(interval);
    expect(asked).toStrictEqual(['ann']);
    state.failure = failure;
    await vi.advanceTimersByTimeAsync(interval - 1);
    expect(ended).toStrictEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toStrictEqual(['ann: session_ended']);
  },
);

test('a young connection is not looked at', async () => {
  const { add, asked } = setUp();
  await vi.advanceTimersByTimeAsync(interval / 2);
  add('ann');
  await vi.advanceTimersByTimeAsync(interval / 2);
  expect(asked).toStrictEqual([]);
  await vi.advanceTimersByTimeAsync(interval);
  expect(asked).toStrictEqual(['ann']);
});

test('a store that cannot tell ends nothing the first time, and the second time it does', async () => {
  const { add, state, ended } = setUp();
  add('ann');
  state.failure = new StoreUnavailableError();
  await vi.advanceTimersByTimeAsync(interval);
  state.failure = undefined;
  await vi.advanceTimersByTimeAsync(interval);
  state.failure = new StoreUnavailableError();
  await vi.advanceTimersByTimeAsync(interval);
  expect(ended).toStrictEqual([]);
  await vi.advanceTimersByTimeAsync(interval);
  expect(ended).toStrictEqual(['ann: store_failed']);
});

test('a feed that breaks, and one that is back, have everything looked at', async () => {
  const { add, tell, asked, ended, state } = setUp();
  add('ann');
  tell(({ connected }) => connected(false));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toStrictEqual(['ann']);
  state.failure = new SessionRevokedError('logout');
  tell(({ connected }) => connected(true));
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toStrictEqual(['ann: session_ended']);
});

test('the end of it all ends everything, and listens no more', async () => {
  const { add, open, ended, asked, listeners } = setUp();
  add('ann');
  add('bob');
  open.close();
  expect(ended).toStrictEqual(['ann: proxy_closed', 'bob: proxy_closed']);
  expect(listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(asked).toStrictEqual([]);
});
