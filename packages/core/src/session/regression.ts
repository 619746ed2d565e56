import { SessionRevokedError, StoreRegressionError } from '../errors.ts';
import { newCallId } from '../store/call-id.ts';
import type { FoundSession } from '../store/session-store.ts';
import { changeSession } from './change.ts';
import { blockSessions } from './revoke.ts';
import type { AnySessionSettings } from './settings.ts';

/**
 * Returns the error for a token that is newer than its record (the store has lost a write), and emits
 * the event. While the write may still come back, that is a `StoreRegressionError` (503). After
 * `regressionPeriod` the session is revoked with the reason `lost`, which is no theft, so that its
 * client can log in again.
 */
export const refuseRegression = async (
  settings: AnySessionSettings,
  { sessionId, generation }: { readonly sessionId: string; readonly generation: number },
  { record, now, touchDue }: FoundSession,
): Promise<StoreRegressionError | SessionRevokedError> => {
  const { userId, regressedAt } = record;
  const evidence = {
    presented: generation,
    current: record.generation,
    age: now - record.rotatedAt,
    replays: record.replays,
    strikes: record.strikes,
    lateRun: record.lateRun,
  };
  const { regressionPeriod } = settings.times;
  const since = regressedAt ?? now;
  if (now - since < regressionPeriod) {
    // If `find` has not recorded when the store first saw the token, record it now.
    if (touchDue)
      await changeSession(settings, sessionId, () => settings.store.touch(sessionId, generation));
    settings.emit({ type: 'regression.detected', sessionId, userId, evidence });
    return new StoreRegressionError();
  }
  await blockSessions(settings, [sessionId]);
  const input = { sessionId, reason: 'lost', callId: newCallId(settings.random) };
  const outcome = await changeSession(settings, sessionId, () => settings.store.revoke(input));
  if (outcome === 'revoked') {
    settings.emit({ type: 'session.lost', sessionId, userId, evidence });
    settings.emit({ type: 'session.revoked', sessionId, userId, reason: 'lost' });
  }
  return new SessionRevokedError('lost');
};
