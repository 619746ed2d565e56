import type { SessionStore } from '@pawl/core/store';
import type { Scheduler } from 'fast-check';

/**
 * What happens to the nth call that any node makes to the store:
 * - `sent_again`: its reply is lost, and the driver sends it again;
 * - `reply_lost`: its reply is lost for good;
 * - `not_sent`: it fails before it leaves.
 */
export type Fault = 'none' | 'sent_again' | 'reply_lost' | 'not_sent';

/** A store whose calls leave, and whose replies arrive, when the scheduler says so; or never. */
export const interleavedStore = (
  store: SessionStore,
  scheduler: Scheduler,
  faults: Fault[],
): SessionStore => {
  const through = async <T>(verb: string, run: () => Promise<T>): Promise<T> => {
    const fault = faults.shift() ?? 'none';
    const once = async (): Promise<T> => {
      await scheduler.schedule(Promise.resolve(), `${verb} leaves`);
      if (fault === 'not_sent') throw new Error('the connection was refused');
      const result = await run();
      await scheduler.schedule(Promise.resolve(), `${verb} is answered`);
      return result;
    };
    const result = await once();
    if (fault === 'reply_lost') throw new Error('the connection was lost');
    return fault === 'sent_again' ? once() : result;
  };
  const subscribe = store.subscribe?.bind(store);
  return {
    ...(subscribe && { subscribe }),
    create: (session, limit) => through('create', () => store.create(session, limit)),
    find: (sessionId, activity) => through('find', () => store.find(sessionId, activity)),
    rotate: (request) => through('rotate', () => store.rotate(request)),
    elevate: (request) => through('elevate', () => store.elevate(request)),
    writeData: (request) => through('writeData', () => store.writeData(request)),
    touch: (sessionId, generation) => through('touch', () => store.touch(sessionId, generation)),
    revoke: (input) => through('revoke', () => store.revoke(input)),
    revokeAll: (input) => through('revokeAll', () => store.revokeAll(input)),
    list: (userId) => through('list', () => store.list(userId)),
    deleteExpired: () => through('deleteExpired', () => store.deleteExpired()),
  };
};
