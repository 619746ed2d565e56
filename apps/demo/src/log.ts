import type { PawlEvent } from '@pawl/core';
import type { HttpEvent } from '@pawl/hono';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Structured lines on stdout, one JSON object each. */
export const createLog = (destination?: DestinationStream): Logger =>
  pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);

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

/** An error by its name and those of its causes: a message may carry what nobody should read. */
const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  return error.cause === undefined ? error.name : `${error.name} < ${nameOf(error.cause)}`;
};
