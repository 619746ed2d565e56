import type { SessionStore } from '@pawl/core/store';
import type { Scheduler } from 'fast-check';

/**
 * What happens to a call that a node makes to the store:
 * - `sent_again`: its reply is lost, and the driver sends the call again;
 * - `reply_lost`: its reply is lost, and the driver throws;
 * - `not_sent`: it fails before it is sent.
 */
export type Fault = 'none' | 'sent_again' | 'reply_lost' | 'not_sent';

/** Wraps a store so that the scheduler decides when calls are sent and replies arrive, and faults are injected. */
export const interleavedStore = (
  store: SessionStore,
  scheduler: Scheduler,
  faults: Fault[],
): SessionStore => {
  const scheduled = async <T>(verb: string, run: () => Promise<T>): Promise<T> => {
    const fault = faults.shift() ?? 'none';
    const once = async (): Promise<T> => {
      await scheduler.schedule(Promise.resolve(), `${verb} is sent`);
      if (fault === 'not_sent') throw new Error('the connection was refused');
      const result = await run();
      await scheduler.schedule(Promise.resolve(), `the reply to ${verb} arrives`);
      return result;
    };
    const result = await once();
    if (fault === 'reply_lost') throw new Error('the connection was lost');
    return fault === 'sent_again' ? once() : result;
  };
  const subscribe = store.subscribe?.bind(store);
  return {
    ...(subscribe && { subscribe }),
    create: (session, limit) => scheduled('create', () => store.create(session, limit)),
    find: (sessionId, activity) => scheduled('find', () => store.find(sessionId, activity)),
    rotate: (input) => scheduled('rotate', () => store.rotate(input)),
    elevate: (input) => scheduled('elevate', () => store.elevate(input)),
    writeData: (input) => scheduled('writeData', () => store.writeData(input)),
    touch: (sessionId, generation) => scheduled('touch', () => store.touch(sessionId, generation)),
    revoke: (input) => scheduled('revoke', () => store.revoke(input)),
    revokeAll: (input) => scheduled('revokeAll', () => store.revokeAll(input)),
    list: (userId, page) => scheduled('list', () => store.list(userId, page)),
    deleteExpired: () => scheduled('deleteExpired', () => store.deleteExpired()),
  };
};
