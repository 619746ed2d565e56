import { InvalidInputError, TokenInvalidError } from '../errors.ts';
import type { RevocationReason } from '../events.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { pause } from '../pause.ts';
import { callStore } from '../store/call.ts';
import { newCallId } from '../store/call-id.ts';
import { assertId } from '../store/id.ts';
import type { RevokeOutcome, SessionSelection } from '../store/session-store.ts';
import { decodeToken } from '../token/decode.ts';
import { isId } from '../token/session-id.ts';
import { readAttributes } from './attributes.ts';
import { changeSession } from './change.ts';
import { validateName, validateReason, validateUserId } from './input.ts';
import { readAllSessions } from './list.ts';
import type { AnySessionSettings } from './settings.ts';

/** Options of `sessions.revoke`. */
export interface RevokeOptions {
  /** Default `revoked`. */
  readonly reason?: RevocationReason | undefined;
  /**
   * Only if the session is this user's; another user's counts as missing. If the property is
   * present its value must be a string: an undefined one throws, and ends nobody's session.
   */
  readonly userId?: string | undefined;
  /** Only if the session is this client's, or has no client. */
  readonly clientId?: string | undefined;
}

/** Options of `sessions.revokeByToken`. */
export interface RevokeByTokenOptions {
  /** Default `logout`. */
  readonly reason?: RevocationReason | undefined;
  /** Only if the session is this client's, or has no client (RFC 7009 § 2.1). */
  readonly clientId?: string | undefined;
}

/** Options of `sessions.revokeAll`, `revokeOthers` and `revokeByDevice`. */
export interface RevokeAllOptions {
  /** Default `revoked`. */
  readonly reason?: RevocationReason | undefined;
}

const revokeNames: OptionNames<RevokeOptions> = { reason: 1, userId: 1, clientId: 1 };
const revokeByTokenNames: OptionNames<RevokeByTokenOptions> = { reason: 1, clientId: 1 };
const revokeAllNames: OptionNames<RevokeAllOptions> = { reason: 1 };

/**
 * Ends a session. It may be ended twice: the first reason stays.
 *
 * With a blocklist, the id is listed *before* the session is ended: if the process dies between the
 * two, the access tokens are refused already, and a repeated call ends the session.
 *
 * @throws InvalidInputError, StoreUnavailableError
 */
export const revokeSession = async (
  settings: AnySessionSettings,
  sessionId: string,
  options: RevokeOptions = {},
): Promise<RevokeOutcome> => {
  // A mistyped condition must not end another user's session.
  assertOptions(options, revokeNames);
  const { reason = 'revoked', userId, clientId } = options;
  validateReason(reason);
  // An undefined user id is a mistake of the caller: it must not end another user's session.
  if ('userId' in options) validateUserId(userId);
  assertId('sessionId', sessionId);
  if (!isId(sessionId)) return 'missing';
  // Another user's session must not be listed.
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
 * Ends the session that a token belongs to: a refresh token of any generation, or an access token,
 * expired ones too, as long as its tag or signature is valid.
 *
 * @throws InvalidInputError, TokenInvalidError for any other string, StoreUnavailableError
 */
export const revokeByToken = async (
  settings: AnySessionSettings,
  token: string,
  given: RevokeByTokenOptions = {},
): Promise<RevokeOutcome> => {
  assertOptions(given, revokeByTokenNames);
  const { reason = 'logout', clientId } = given;
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
 * Ends all live sessions of a user, or those that `only` selects, and returns how many.
 *
 * @throws InvalidInputError, StoreUnavailableError
 */
export const revokeAll = async (
  settings: AnySessionSettings,
  userId: string,
  options: RevokeAllOptions = {},
  only: SessionSelection = {},
): Promise<number> => {
  assertOptions(options, revokeAllNames);
  const { reason = 'revoked' } = options;
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
  // Sessions that were created after the list was read.
  await blockSessions(settings, revoked);
  for (const batch of batchesOf(revoked)) {
    for (const sessionId of batch) {
      settings.emit({ type: 'session.revoked', sessionId, userId, reason });
    }
    // The events of a user with very many sessions must not hold up other requests.
    if (batch.length === batchSize) await pause(0);
  }
  settings.emit({ type: 'user.revoked', userId, reason, count: revoked.length });
  return revoked.length;
};

const blockSelected = async (
  settings: AnySessionSettings,
  userId: string,
  { exceptSessionId, deviceId }: SessionSelection,
): Promise<void> => {
  for await (const records of readAllSessions(settings.store, userId)) {
    const selected = records.filter(
      (record) =>
        record.sessionId !== exceptSessionId &&
        (deviceId === undefined || record.deviceId === deviceId),
    );
    await blockSessions(
      settings,
      selected.map((record) => record.sessionId),
    );
  }
};

/** Lists sessions on the blocklist, if there is one, until their access tokens have expired. */
export const blockSessions = async (
  { blocklist, clock, times }: AnySessionSettings,
  sessionIds: readonly string[],
): Promise<void> => {
  if (!blocklist) return;
  const over = clock() + times.accessTokenLifetime + blocklistMargin;
  for (const batch of batchesOf(sessionIds)) {
    await callStore(() => Promise.all(batch.map((id) => blocklist.revoke(id, over))));
  }
};

/** How many sessions are listed, or told of, in one step. */
const batchSize = 200;

function* batchesOf(ids: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < ids.length; from += batchSize) yield ids.slice(from, from + batchSize);
}

/** In ms: the largest difference between two clocks, plus a verifier's tolerance. */
const blocklistMargin = 120_000;
