import { RefusedError, refusalFor } from '@pawl/http/binding';
import type { Logger } from 'pino';
import { logFailure } from '../log.ts';
import { bodyTooLarge, internalError, Refused, unreadable } from '../routes/refused.ts';
import type { Answer } from '../routes/route.ts';

/**
 * What the demo itself answers to an error, which is logged where it is nobody's
 * mistake but ours. Null: Pawl's binding has the answer.
 */
export const answerToFailure = (log: Logger, error: unknown): Answer | null => {
  if (error instanceof Refused) return error.answer;
  const answer = refusalFor(error);
  if (answer) {
    // What the binding refused is an event already.
    if (answer.status >= 500 && !(error instanceof RefusedError)) logFailure(log, error);
    return null;
  }
  const refused = refusedByFramework(error);
  if (refused) return refused;
  logFailure(log, error);
  return internalError;
};

/** What a framework's reader of bodies refuses. Its message may quote the body: ours does not. */
const refusedByFramework = (error: unknown): Answer | null => {
  switch ((error as { statusCode?: unknown } | null)?.statusCode) {
    case 400:
      return unreadable;
    case 413:
      return bodyTooLarge().answer;
    case 415:
      return new Refused(415, 'unsupported_media_type', 'the body must be application/json').answer;
    default:
      return null;
  }
};
