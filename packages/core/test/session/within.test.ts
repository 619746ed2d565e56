import type { Store } from '@pawl/core/store';
import { expect, it } from 'vitest';
import { createSessions, generateSecret, type PawlEvent } from '../../src/index.ts';
import { createMemoryStore } from '../memory-store.ts';

type Task = () => void | Promise<void>;

/** A store whose tasks wait for a commit. Its writes take effect at once. */
const createTransactional = (): Store & {
  readonly tasks: Task[];
  within(transaction: unknown): Store & { afterCommit(task: Task): void };
} => {
  const tasks: Task[] = [];
  const store = createMemoryStore();
  const within = (): Store & { afterCommit(task: Task): void } => ({
    ...store,
    afterCommit: (task) => void tasks.push(task),
  });
  return { ...store, tasks, within };
};

it('a store without transactions is refused', () => {
  const sessions = createSessions({ store: createMemoryStore(), secrets: [generateSecret()] });
  expect(() => sessions.within({})).toThrow(/^store: has no transactions/);
});

it('events and another blocklist wait for the commit', async () => {
  const store = createTransactional();
  const blocklist = createMemoryStore();
  const events: PawlEvent[] = [];
  const sessions = createSessions({
    store,
    blocklist,
    secrets: [generateSecret()],
    onEvent: (event) => events.push(event),
  });
  const { sessionId } = await sessions.create({ userId: 'ada' });
  events.length = 0;
  expect(await sessions.within({}).revokeAll('ada')).toBe(1);
  expect(events).toEqual([]);
  expect(await blocklist.blocklist.isRevoked([sessionId])).toBe(false);
  for (const task of store.tasks) await task();
  expect(await blocklist.blocklist.isRevoked([sessionId])).toBe(true);
  expect(events.map(({ type }) => type)).toEqual(['session.revoked', 'user.revoked']);
});

it('a blocklist in the same store is written at once', async () => {
  const store = createTransactional();
  const sessions = createSessions({ store, blocklist: store, secrets: [generateSecret()] });
  const { sessionId } = await sessions.create({ userId: 'ada' });
  await sessions.within({}).revoke(sessionId);
  expect(await store.blocklist.isRevoked([sessionId])).toBe(true);
});
