import { SessionConflictError, SessionNotFoundError, StoreRecordError } from '../errors.ts';
import type { Optional } from '../optional.ts';
import { newCallId } from '../store/call-id.ts';
import type { SessionRecord } from '../store/session-record.ts';
import { decodeTriples } from '../token/base64url.ts';
import { type Authentication, readAttributes, writeAttributes } from './attributes.ts';
import { changeSession } from './change.ts';
import { freshRefreshToken, generationRecordOf, type IssuedTokens, issueTokens } from './issue.ts';
import { findLive, refuseEnded } from './live-record.ts';
import type { AnySessionSettings } from './settings.ts';

const attempts = 5;

/**
 * Records that the user has authenticated again or more strongly (step-up), and replaces all
 * credentials of the session: the older ones become invalid at once (ASVS 5.0 V7.2.4). The session
 * keeps its id. A late request with the older refresh token gets a `RefreshRetryError` within the
 * grace period; after it the token is refused, and the session stays.
 *
 * Older JWTs become invalid where the check is `session`. The checks `blocklist` and `none` do not
 * look at the generation: there, older JWTs stay valid until they expire.
 *
 * @param authentication what is known of the new authentication. Default: it happened now, and
 *   `acr` and `amr` stay unchanged.
 *
 * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError,
 *   SessionConflictError, StoreRecordError, StoreUnavailableError
 */
export const elevateSession = async (
  settings: AnySessionSettings,
  sessionId: string,
  authentication: Optional<Authentication> = {},
): Promise<IssuedTokens> => {
  let { record } = await findLive(settings, sessionId);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = readAttributes(record.attributes, record.deviceId);
    const attributes = {
      ...before,
      authTime: authentication.authTime ?? settings.clock(),
      acr: authentication.acr ?? before.acr,
      amr: authentication.amr ?? before.amr,
    };
    const refreshToken = freshRefreshToken(
      settings,
      idBytes(sessionId),
      record.generation + 1,
      Math.floor(record.expiresAt / 1_000),
      attributes,
    );
    const next = generationRecordOf(settings, refreshToken, settings.random(32));
    // Sign before storing: if signing fails, the older credentials still work.
    const tokens = await issueTokens(settings, {
      userId: record.userId,
      sessionId,
      refreshToken,
      attributes,
      claims: record.claims,
      issuedAt: next.issuedAt,
      outcome: 'elevated',
    });
    const input = {
      sessionId,
      generation: record.generation,
      next,
      attributes: writeAttributes(attributes),
      callId: newCallId(settings.random),
    };
    const outcome = await changeSession(settings, sessionId, () => settings.store.elevate(input));
    if (outcome.kind === 'missing') throw new SessionNotFoundError();
    if (outcome.kind === 'written') {
      settings.emit({ type: 'session.elevated', sessionId, userId: record.userId });
      return tokens;
    }
    if (outcome.kind !== 'conflict') throw refuseEnded(settings, outcome.record, outcome.kind);
    record = sameSession(record, outcome.record);
  }
  throw new SessionConflictError();
};

const sameSession = (before: SessionRecord, after: SessionRecord): SessionRecord => {
  if (after.sessionId !== before.sessionId || after.userId !== before.userId) {
    throw new StoreRecordError('it belongs to another session');
  }
  return after;
};

const idBytes = (sessionId: string): Uint8Array => {
  const bytes = decodeTriples(sessionId, 0);
  if (!bytes) throw new SessionNotFoundError();
  return bytes;
};
