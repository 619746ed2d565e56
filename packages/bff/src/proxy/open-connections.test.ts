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
  const checked: string[] = [];
  const state: { failure: Error | undefined } = { failure: undefined };
  const open = createOpenConnections(
    {
      sessions: {
        get: async (sessionId) => {
          checked.push(sessionId);
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
    checked,
    state,
    listeners,
    add: (sessionId: string, name = sessionId) => {
      const connection = { end: (reason: string) => void ended.push(`${name}: ${reason}`) };
      const entry = open.add(sessionId, connection);
      return () => entry.remove();
    },
    tell: (act: (listener: RevocationListener) => void) => listeners.forEach(act),
  };
};

test('a revocation ends all connections of its session, once, and no others', () => {
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

test('a connection that has ended is forgotten', () => {
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
  'without a message of the feed a connection ends at the next check: %s',
  async (failure) => {
    const { add, state, ended, checked } = setUp();
    add('ann');
    await vi.advanceTimersByTimeAsync(interval);
    expect(checked).toStrictEqual(['ann']);
    state.failure = failure;
    await vi.advanceTimersByTimeAsync(interval - 1);
    expect(ended).toStrictEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toStrictEqual(['ann: session_ended']);
  },
);

test('a young connection is not checked', async () => {
  const { add, checked } = setUp();
  await vi.advanceTimersByTimeAsync(interval / 2);
  add('ann');
  await vi.advanceTimersByTimeAsync(interval / 2);
  expect(checked).toStrictEqual([]);
  await vi.advanceTimersByTimeAsync(interval);
  expect(checked).toStrictEqual(['ann']);
});

test('one failed check ends no connection, two in a row do', async () => {
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

test('everything is checked when the feed fails, and when it is back', async () => {
  const { add, tell, checked, ended, state } = setUp();
  add('ann');
  tell(({ connected }) => connected(false));
  await vi.advanceTimersByTimeAsync(0);
  expect(checked).toStrictEqual(['ann']);
  state.failure = new SessionRevokedError('logout');
  tell(({ connected }) => connected(true));
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toStrictEqual(['ann: session_ended']);
});

test('close ends everything, and stops listening', async () => {
  const { add, open, ended, checked, listeners } = setUp();
  add('ann');
  add('bob');
  open.close();
  expect(ended).toStrictEqual(['ann: proxy_closed', 'bob: proxy_closed']);
  expect(listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(checked).toStrictEqual([]);
});
