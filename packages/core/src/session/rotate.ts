import { RefreshRetryError, StoreRecordError, TokenInvalidError } from '../errors.ts';
import type { PawlEventDraft, RotationEvidence } from '../events.ts';
import { newCallId } from '../store/call-id.ts';
import type { DecidedRotation } from '../store/rotation.ts';
import type { SessionRecord } from '../store/session-record.ts';
import { bytesEqual } from '../token/bytes.ts';
import type { DecodedToken } from '../token/decode.ts';
import { deriveSuccessor } from '../token/derive.ts';
import { hashToken } from '../token/hash.ts';
import { changeSession } from './change.ts';
import { generationRecordOf } from './issue.ts';
import { assertIdentity, refuseMissing } from './live-record.ts';
import type { AnySessionSettings } from './settings.ts';

/** The outcome of a rotation and the successor of the presented token. */
export interface Rotation {
  readonly outcome: DecidedRotation;
  /** The new current token if the outcome is `rotated`; otherwise it is not used. */
  readonly successor: Uint8Array;
}

/**
 * Lets the store decide about a presented token in one atomic operation, and emits the event.
 *
 * @throws SessionNotFoundError, StoreRecordError, StoreUnavailableError
 */
export const rotateToken = async (
  settings: AnySessionSettings,
  presented: DecodedToken,
): Promise<Rotation> => {
  const salt = settings.random(32);
  const successor = deriveSuccessor(presented.bytes, salt, settings.keys.active);
  const callId = newCallId(settings.random);
  const outcome = await changeSession(settings, presented.id, () =>
    settings.store.rotate({
      sessionId: presented.id,
      generation: presented.generation,
      tokenHash: hashToken(presented.bytes, settings.crypto),
      next: generationRecordOf(settings, successor, salt),
      callId,
      policy: settings.times,
    }),
  );
  if (outcome.kind === 'missing') throw refuseMissing(settings, presented.id);
  assertIdentity(settings, outcome.record, presented.id);
  emitOutcome(settings, presented, outcome);
  return { outcome, successor };
};

const eventTypes = {
  rotated: 'session.rotated',
  settled: 'session.settled',
  replayed: 'session.replayed',
  retry: 'session.retry_requested',
  reuse_detected: 'reuse.detected',
  fork: 'fork.detected',
  regression: 'regression.detected',
  lost: 'session.lost',
} as const;

const emitOutcome = (
  settings: AnySessionSettings,
  presented: DecodedToken,
  outcome: DecidedRotation,
): void => {
  const { kind, record, age } = outcome;
  if (kind === 'revoked' || kind === 'expired' || kind === 'superseded') return;
  const { sessionId, userId } = record;
  const evidence: RotationEvidence = {
    presented: presented.generation,
    current: kind === 'rotated' ? record.generation - 1 : record.generation,
    age,
    replays: record.replays,
    strikes: record.strikes,
    lateRun: record.lateRun,
    kid: presented.kid,
    ...(isLateRun(settings, outcome) && { cause: 'late_run' as const }),
  };
  const event: PawlEventDraft = { type: eventTypes[kind], sessionId, userId, evidence };
  // A call that is sent again emits the same event: `late` comes from the record.
  settings.emit(kind === 'replayed' ? { ...event, late: record.lateReplayAt !== null } : event);
  if (kind === 'reuse_detected' || kind === 'fork' || kind === 'lost') {
    settings.emit({ type: 'session.revoked', sessionId, userId, reason: kind });
  }
};

const isLateRun = ({ times }: AnySessionSettings, { kind, record }: DecidedRotation): boolean =>
  kind === 'reuse_detected' && record.lateRun >= times.maxLateRun;

/** Returns the successor that an earlier call with the same token got, on any node. */
export const rederive = (
  settings: AnySessionSettings,
  presented: DecodedToken,
  record: SessionRecord,
): Uint8Array => {
  const root = settings.keys.find(record.kid);
  // Another node issues with a root secret that this node does not have.
  if (!root) throw new RefreshRetryError();
  if (root.status === 'compromised') throw new TokenInvalidError('kid_compromised');
  return deriveSuccessor(presented.bytes, record.salt, root);
};

/** @throws StoreRecordError if the token is not the current one of the record: it must not be issued. */
export const assertCurrent = (
  settings: AnySessionSettings,
  token: Uint8Array,
  record: SessionRecord,
): void => {
  if (!bytesEqual(hashToken(token, settings.crypto), record.tokenHash)) {
    throw new StoreRecordError('its current token is not the derived one');
  }
};
