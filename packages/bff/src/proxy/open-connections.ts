import { type Clock, isPawlError } from '@pawl/core';
import type { EndReason } from './failure.ts';
import type { ProxyOptions } from './options.ts';
import { type Place, Queue } from './queue.ts';

/** Why something that stayed open may not any longer. */
export type Ending = Extract<EndReason, 'session_ended' | 'store_failed' | 'proxy_closed'>;

/** Something that is open. */
export interface Connection {
  end(reason: Ending): void;
}

/** Everything that is open in the name of a session: streams, sockets, and requests just now. */
export interface OpenConnections {
  /** @returns what is to be left when it is over */
  readonly add: (sessionId: string, connection: Connection) => Place;
  /** Of how many sessions. */
  readonly size: () => number;
  /** Ends all, and listens no more. */
  readonly close: () => void;
}

interface SessionConnections {
  readonly connections: Queue<Connection>;
  /** In ms. */
  checkedAt: number;
  failures: number;
}

const over: ReadonlySet<unknown> = new Set([
  'ERR_SESSION_NOT_FOUND',
  'ERR_SESSION_REVOKED',
  'ERR_SESSION_EXPIRED',
]);

/**
 * Ends what is open when its session ends: at once where the store has a feed of
 * revocations, and else, or where the session simply expires, when it is looked at again.
 * A store that cannot tell twice in a row ends it too: nothing stays open on hope.
 */
export const createOpenConnections = (
  { sessions, feed }: Pick<ProxyOptions, 'sessions' | 'feed'>,
  interval: number,
  clock: Clock,
): OpenConnections => {
  const open = new Map<string, SessionConnections>();

  const endSession = (sessionId: string, reason: Ending): void => {
    const connections = open.get(sessionId)?.connections;
    open.delete(sessionId);
    for (let next = connections?.shift(); next; next = connections?.shift()) next.end(reason);
  };

  const check = async (sessionId: string, found: SessionConnections): Promise<void> => {
    found.checkedAt = clock();
    try {
      await sessions.get(sessionId);
      found.failures = 0;
    } catch (error) {
      found.failures += 1;
      const isOver = isPawlError(error) && over.has(error.code);
      if (isOver) endSession(sessionId, 'session_ended');
      else if (found.failures > 1) endSession(sessionId, 'store_failed');
    }
  };

  const checkAll = (age: number): void => {
    const now = clock();
    for (const [sessionId, found] of open) {
      if (now - found.checkedAt >= age) void check(sessionId, found);
    }
  };

  const timer = setInterval(() => checkAll(interval), interval);
  timer.unref();
  const unsubscribe = feed?.subscribe?.({
    revoked: (sessionId) => endSession(sessionId, 'session_ended'),
    // Whatever was missed while the feed was broken is asked for, once it breaks and once it is back.
    connected: () => checkAll(0),
  });

  return {
    add: (sessionId, connection) => {
      let found = open.get(sessionId);
      if (!found) {
        found = { connections: new Queue(), checkedAt: clock(), failures: 0 };
        open.set(sessionId, found);
      }
      const { connections } = found;
      const place = connections.add(connection);
      return {
        leave: () => {
          place.leave();
          if (connections.first === undefined && open.get(sessionId) === found) {
            open.delete(sessionId);
          }
        },
      };
    },
    size: () => open.size,
    close: () => {
      clearInterval(timer);
      unsubscribe?.();
      for (const sessionId of open.keys()) endSession(sessionId, 'proxy_closed');
    },
  };
};
