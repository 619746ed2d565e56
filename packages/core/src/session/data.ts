import { InvalidInputError, SessionConflictError, SessionNotFoundError } from '../errors.ts';
import { newCallId } from '../store/call-id.ts';
import type { SessionRecord } from '../store/session-record.ts';
import { readAttributes } from './attributes.ts';
import { changeSession } from './change.ts';
import { writeClaims, writeData } from './input.ts';
import { freshRefreshToken, issueTokens } from './issue.ts';
import { assertIdentity, findLive, refuseEnded } from './live-record.ts';
import { type SessionInfo, sessionInfo } from './session-info.ts';
import type { SessionSettings } from './settings.ts';

/** The new claims and data of a session. A member that is absent leaves the stored value unchanged. */
export interface SessionUpdate<Claims, Data> {
  readonly claims?: Claims | undefined;
  readonly data?: Data | undefined;
}

const attempts = 20;

/**
 * Changes the application's claims and data. If another writer changed the session meanwhile,
 * `change` is called again with the newer session, so that no write is lost: it must be synchronous
 * and free of side effects. New claims are in the next access token.
 *
 * @throws InvalidInputError, SessionNotFoundError, SessionRevokedError,
 *   SessionExpiredError, SessionConflictError (other writers won 20 times), StoreUnavailableError
 */
export const updateSession = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  sessionId: string,
  change: (session: SessionInfo<Claims, Data>) => SessionUpdate<Claims, Data>,
): Promise<SessionInfo<Claims, Data>> => {
  let { record } = await findLive(settings, sessionId);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = sessionInfo<Claims, Data>(record);
    const update = validateUpdate(change(before));
    const input = {
      sessionId,
      dataVersion: record.dataVersion,
      claims: writeClaims(update.claims ?? before.claims),
      data: writeData(update.data ?? before.data),
      callId: newCallId(settings.random),
    };
    if (input.claims !== record.claims) await tryClaims(settings, record, input.claims);
    const outcome = await changeSession(settings, sessionId, () => settings.store.writeData(input));
    if (outcome.kind === 'missing') throw new SessionNotFoundError();
    assertIdentity(settings, outcome.record, sessionId);
    if (outcome.kind === 'written') return sessionInfo<Claims, Data>(outcome.record);
    if (outcome.kind !== 'conflict') throw refuseEnded(settings, outcome.record, outcome.kind);
    record = outcome.record;
  }
  throw new SessionConflictError();
};

/** A promise would be taken for an update that changes nothing. */
const validateUpdate = <Update>(update: Update): Update => {
  if (typeof update === 'object' && update !== null && !('then' in update)) return update;
  throw new InvalidInputError('change', 'must return an object');
};

/**
 * Signs an access token and discards it: claims that do not fit into a token would make every
 * later refresh fail.
 */
const tryClaims = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  record: SessionRecord,
  claims: string,
): Promise<void> => {
  if (settings.accessTokens.opaque) return;
  const { userId, sessionId, generation, issuedAt } = record;
  const expiry = Math.floor(record.expiresAt / 1_000);
  const attributes = readAttributes(record.attributes, record.deviceId);
  const id = new Uint8Array(18);
  const refreshToken = freshRefreshToken(settings, id, generation, expiry, attributes);
  const request = { userId, sessionId, refreshToken, attributes, claims, issuedAt };
  await issueTokens(settings, { ...request, outcome: 'rotated' });
};
