import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { isPawlError, type PawlEvent } from '@pawl/core';
import type { HttpEvent } from '@pawl/http';
import { type DestinationStream, type Logger, pino } from 'pino';

/** The id of the current request, also in code that does not receive it. */
const currentRequest = new AsyncLocalStorage<string>();

/** Creates a log of JSON lines on stdout, with the id of their request. */
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
 * Runs the work of one request. The id is created here: a client could send the id of another
 * request.
 */
export const runInRequest = <T>(work: (requestId: string) => T): T => {
  const requestId = randomUUID();
  return currentRequest.run(requestId, () => work(requestId));
};

/** Logs a finished request, with the route and not the path: a path may contain a session id. */
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
 * Logs an event. A session is named by its `sessionRef`, a keyed hash, because a reader of the log
 * must not learn session ids.
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

/** Logs a failed request: a bug with its stack, an error of a store by its name only. */
export const logFailure = (log: Logger, error: unknown): void =>
  isPawlError(error)
    ? log.error({ event: 'request.failed', error: nameOf(error) })
    : log.error({ event: 'request.failed', err: error });

/**
 * Returns the name and code of an error and of its causes, without messages, which may contain
 * secrets. For errors of Pawl the name is enough.
 */
export const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  const hasCode = !isPawlError(error) && /^[A-Z0-9_]{1,64}$/.test(String(code ?? ''));
  const own = hasCode ? `${error.name} ${code}` : error.name;
  return error.cause === undefined ? own : `${own} < ${nameOf(error.cause)}`;
};
