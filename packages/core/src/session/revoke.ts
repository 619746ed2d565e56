import { InvalidInputError, TokenInvalidError } from '../errors.ts';
import type { RevocationReason } from '../events.ts';
import { callStore } from '../store/call.ts';
import { newCallId } from '../store/call-id.ts';
import type { RevokeOutcome, SessionSelection } from '../store/session-store.ts';
import { decodeToken } from '../token/decode.ts';
import { isId } from '../token/session-id.ts';
import { readAttributes } from './attributes.ts';
import { changeSession } from './change.ts';
import { validateName, validateReason, validateUserId } from './input.ts';
import type { AnySessionSettings } from './settings.ts';

/** How a single session is ended. */
export interface RevokeOptions {
  /** Default `revoked`. */
  readonly reason?: RevocationReason | undefined;
  /**
   * Only if the session is this user's; another user's counts as missing. If the property is
   * present its value must be a string: an undefined one throws, and ends nobody's session.
   */
  readonly userId?: string | undefined;
  /** Only if the session is this client's, or no client's. */
  readonly clientId?: string | undefined;
}

/** How the session of a token is ended. */
export interface RevokeByTokenOptions {
  /** Default `logout`. */
  readonly reason?: RevocationReason | undefined;
  /** Only if the session is this client's, or no client's (RFC 7009 § 2.1). */
  readonly clientId?: string | undefined;
}

/** How several sessions of a user are ended. */
export interface RevokeAllOptions {
  /** Default `revoked`. */
  readonly reason?: RevocationReason | undefined;
}

/**
 * Ends a session. Ending it twice is fine: the first reason stays.
 *
 * With a blocklist the id is listed *before* the session is ended, so that a
 * process that dies between the two leaves an error and nothing accepted; a
 * repeated call completes it.
 *
 * @throws InvalidInputError, StoreUnavailableError
 */
export const revokeSession = async (
  settings: AnySessionSettings,
  sessionId: string,
  options: RevokeOptions = {},
): Promise<RevokeOutcome> => {
  const { reason = 'revoked', userId, clientId } = options;
  validateReason(reason);
  // Given but undefined, it is a mistake that must not widen whose session may end.
  if ('userId' in options) validateUserId(userId);
  if (!isId(sessionId)) return 'missing';
  // A stranger's session must not get onto the list.
  if (clientId !== undefined || (settings.blocklist && userId !== undefined)) {
    const found = await callStore(() => settings.store.find(sessionId));
    if (!found) return 'missing';
    const { userId: owner, attributes } = found.record;
    const { clientId: ofClient = clientId } = readAttributes(attributes, null);
    if ((userId ?? owner) !== owner || (clientId ?? ofClient) !== ofClient) return 'missing';
  }
  await blockSessions(settings, [sessionId]);
  const outcome = await changeSession(settings, sessionId, () =>
    settings.store.revoke({ sessionId, reason, userId, callId: newCallId(settings.random) }),
  );
  if (outcome === 'revoked') {
    settings.emit({ type: 'session.revoked', sessionId, reason, ...(userId && { userId }) });
  }
  return outcome;
};

/**
 * Ends the session that a token belongs to: a refresh token of any generation,
 * or an access token; expired ones too, as long as they are really ours.
 *
 * @throws TokenInvalidError for anything else, StoreUnavailableError
 */
export const revokeByToken = async (
  settings: AnySessionSettings,
  token: string,
  { reason = 'logout', clientId }: RevokeByTokenOptions = {},
): Promise<RevokeOutcome> => {
  if (typeof token !== 'string') throw new InvalidInputError('token', 'must be a string');
  const refresh = decodeToken(token, 'refresh', settings.refreshTokenPrefix, settings.keys);
  const options = { reason, clientId };
  if (typeof refresh !== 'string') return revokeSession(settings, refresh.id, options);
  if (refresh === 'kid_compromised') throw new TokenInvalidError(refresh);
  const { sessionId, userId } = await settings.accessTokens.readIgnoringTime(token);
  if (sessionId === null) throw new TokenInvalidError('no_id');
  return revokeSession(settings, sessionId, userId === null ? options : { ...options, userId });
};

/**
 * Ends all sessions of a user, or those selected, in one step, and answers how many.
 *
 * @throws InvalidInputError, StoreUnavailableError
 */
export const revokeAll = async (
  settings: AnySessionSettings,
  userId: string,
  { reason = 'revoked' }: RevokeAllOptions = {},
  only: SessionSelection = {},
): Promise<number> => {
  validateUserId(userId);
  validateReason(reason);
  if ('deviceId' in only) validateName('deviceId', only.deviceId, 128);
  if ('exceptSessionId' in only && !isId(only.exceptSessionId)) {
    throw new InvalidInputError('sessionId', 'must be the id of a session');
  }
  if (settings.blocklist) await blockSelected(settings, userId, only);
  const input = { userId, reason, ...only, callId: newCallId(settings.random) };
  const { revoked } = await callStore(() => settings.store.revokeAll(input)).finally(() =>
    settings.forgetCached(),
  );
  // Those that began after the list was read.
  await blockSessions(settings, revoked);
  for (const sessionId of revoked) {
    settings.emit({ type: 'session.revoked', sessionId, userId, reason });
  }
  settings.emit({ type: 'user.revoked', userId, reason, count: revoked.length });
  return revoked.length;
};

const blockSelected = async (
  settings: AnySessionSettings,
  userId: string,
  { exceptSessionId, deviceId }: SessionSelection,
): Promise<void> => {
  const { records } = await callStore(() => settings.store.list(userId));
  const selected = records.filter(
    (record) =>
      record.sessionId !== exceptSessionId &&
      (deviceId === undefined || record.deviceId === deviceId),
  );
  await blockSessions(
    settings,
    selected.map((record) => record.sessionId),
  );
};

/** Puts sessions on the blocklist, if there is one, until their access tokens are over. */
export const blockSessions = async (
  { blocklist, clock, times }: AnySessionSettings,
  sessionIds: readonly string[],
): Promise<void> => {
  if (!blocklist) return;
  const over = clock() + times.accessTokenLifetime + blocklistMargin;
  await callStore(() => Promise.all(sessionIds.map((id) => blocklist.revoke(id, over))));
};

/** In ms: as much as clocks, and a verifier's tolerance, may be apart. */
const blocklistMargin = 120_000;
