import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { isPawlError, type PawlEvent } from '@pawl/core';
import type { HttpEvent } from '@pawl/http';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Which request a line belongs to, also where nobody passed it on. */
const currentRequest = new AsyncLocalStorage<string>();

/** Structured lines on stdout, one JSON object each, with the id of their request. */
export const createLog = (destination?: DestinationStream): Logger =>
  pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const requestId = currentRequest.getStore();
        return requestId === undefined ? {} : { requestId };
      },
    },
    destination,
  );

/**
 * Runs the work of one request. Its id is our own: one that a client sent could
 * be a line of somebody else's.
 */
export const inRequest = <T>(work: (requestId: string) => T): T => {
  const requestId = randomUUID();
  return currentRequest.run(requestId, () => work(requestId));
};

/** A request that has been answered. The route, not the path: a path may hold a session id. */
export const logRequest = (
  log: Logger,
  line: { readonly method: string; readonly route: string; readonly status: number },
  started: number,
): void => log.info({ ...line, ms: Math.round(performance.now() - started) });

const alarming = new Set<PawlEvent['type']>([
  'reuse.detected',
  'fork.detected',
  'regression.detected',
  'background.failed',
]);

/**
 * An event as a line. A session goes by its `sessionRef`, a keyed hash: its id
 * would let a reader of the log call it by name.
 */
export const logEvent =
  (log: Logger) =>
  (event: PawlEvent): void => {
    const { type, at: _, ...details } = event;
    const { sessionId: __, error, ...line } = details as Record<string, unknown>;
    const level = alarming.has(type) ? 'warn' : 'info';
    log[level]({ event: type, ...line, ...(error !== undefined && { error: nameOf(error) }) });
  };

export const logHttpEvent =
  (log: Logger) =>
  (event: HttpEvent): void => {
    const { type, at: _, ...details } = event;
    if ('error' in details) log.error({ event: type, error: nameOf(details.error) });
    else log.warn({ event: type, ...details });
  };

/** A bug with its stack; what a store or a database said by its name only. */
export const logFailure = (log: Logger, error: unknown): void =>
  isPawlError(error)
    ? log.error({ event: 'request.failed', error: nameOf(error) })
    : log.error({ event: 'request.failed', err: error });

/**
 * An error by its name and code, and those of its causes: a message may carry what
 * nobody should read. Of Pawl's own errors the name says it all.
 */
export const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  const isTelling = !isPawlError(error) && /^[A-Z0-9_]{1,64}$/.test(String(code ?? ''));
  const own = isTelling ? `${error.name} ${code}` : error.name;
  return error.cause === undefined ? own : `${own} < ${nameOf(error.cause)}`;
};
