import { type Clock, isPawlError } from '@pawl/core';
import type { EndReason } from './failure.ts';
import type { ProxyOptions } from './options.ts';
import { type Entry, Queue } from './queue.ts';

/** Why an open connection is closed. */
export type CloseReason = Extract<
  EndReason,
  'session_ended' | 'store_failed' | 'proxy_closed' | 'token_expired' | 'step_up_ended'
>;

/** When a connection must end, and why. */
export interface Expiry {
  /** In ms since the epoch. */
  readonly at: number;
  readonly reason: CloseReason;
}

/** Returns what ends first: one of these, or the token. */
export const earliestExpiry = (
  expiries: readonly Expiry[],
  tokenExpiresAt: number | null,
): Expiry | undefined => {
  const token: Expiry[] =
    tokenExpiresAt === null ? [] : [{ at: tokenExpiresAt, reason: 'token_expired' }];
  return [...expiries, ...token].toSorted((one, other) => one.at - other.at)[0];
};

/** A request, a stream or a WebSocket in progress. */
export interface Connection {
  end(reason: CloseReason): void;
}

/** All that is open for sessions: requests, streams and WebSockets. */
export interface OpenConnections {
  /** @returns the entry to remove when the connection has ended */
  readonly add: (sessionId: string, connection: Connection) => Entry;
  /**
   * Ends a stream or a WebSocket when what opened it expires.
   *
   * @returns the entry to remove when the connection has ended
   */
  readonly expire: (connection: Connection, expiry: Expiry) => Entry;
  /** The number of sessions that have open connections. */
  readonly size: () => number;
  /** Ends all connections, and stops listening for revocations. */
  readonly close: () => void;
}

/** In ms: the longest wait of one timer. */
const maxTimer = 86_400_000;

interface SessionConnections {
  readonly connections: Queue<Connection>;
  /** In ms. */
  checkedAt: number;
  failures: number;
}

const sessionEnded: ReadonlySet<unknown> = new Set([
  'ERR_SESSION_NOT_FOUND',
  'ERR_SESSION_REVOKED',
  'ERR_SESSION_EXPIRED',
]);

/**
 * Ends the connections of a session when the session ends: at once if the store has a feed of
 * revocations; otherwise, and when a session expires, at the next check. Two checks in a row that
 * fail because of the store end them as well.
 *
 * @param interval in ms: how often each session is checked
 */
export const createOpenConnections = (
  { sessions, feed }: Pick<ProxyOptions, 'sessions' | 'feed'>,
  interval: number,
  clock: Clock,
): OpenConnections => {
  const open = new Map<string, SessionConnections>();

  const endSession = (sessionId: string, reason: CloseReason): void => {
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
      const isOver = isPawlError(error) && sessionEnded.has(error.code);
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

  const expiring = new Set<() => void>();
  const expire: OpenConnections['expire'] = (connection, { at, reason }) => {
    let timeout: NodeJS.Timeout | undefined;
    const remove = (): void => {
      clearTimeout(timeout);
      expiring.delete(endIfExpired);
    };
    const endIfExpired = (): void => {
      clearTimeout(timeout);
      const rest = at - clock();
      if (rest > 0) {
        timeout = setTimeout(endIfExpired, Math.min(rest, maxTimer)).unref();
        return;
      }
      remove();
      connection.end(reason);
    };
    expiring.add(endIfExpired);
    endIfExpired();
    return { remove };
  };

  const timer = setInterval(() => {
    checkAll(interval);
    // The clock may have advanced by more than the timers know, as after a suspension.
    for (const endIfExpired of expiring) endIfExpired();
  }, interval);
  timer.unref();
  const unsubscribe = feed?.subscribe?.({
    revoked: (sessionId) => endSession(sessionId, 'session_ended'),
    // Revocations may be missed while the feed is down: check when it fails and when it is back.
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
      const entry = connections.add(connection);
      return {
        remove: () => {
          entry.remove();
          if (connections.first === undefined && open.get(sessionId) === found) {
            open.delete(sessionId);
          }
        },
      };
    },
    expire,
    size: () => open.size,
    close: () => {
      clearInterval(timer);
      expiring.clear();
      unsubscribe?.();
      for (const sessionId of open.keys()) endSession(sessionId, 'proxy_closed');
    },
  };
};
