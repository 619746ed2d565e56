import { SessionLimitError } from '../errors.ts';
import { callStore } from '../store/call.ts';
import { encodeTriples } from '../token/base64url.ts';
import { newId } from '../token/session-id.ts';
import { readAttributes, type SessionAttributes, writeAttributes } from './attributes.ts';
import type { SessionContext } from './context.ts';
import { checkName, checkUserId, shorterLifetime, writeClaims, writeData } from './input.ts';
import { freshRefreshToken, generationRecordOf, type IssuedTokens, issueTokens } from './issue.ts';
import { blockSessions } from './revoke.ts';

/** A login that the application has already checked. */
export interface SessionInput<Claims, Data> extends Partial<SessionAttributes> {
  /** 1 … 255 characters. */
  readonly userId: string;
  /** Carried by every access token of the session. Default `{}`. */
  readonly claims?: Claims;
  /**
   * Kept with the session, on the server only. A function is given the id that the
   * session is about to have, for what has to be bound to it. Default `{}`.
   */
  readonly data?: Data | ((sessionId: string) => Data | Promise<Data>);
  /** In ms: shorter than the configured one, for this session only. */
  readonly idleTimeout?: number;
  /** In ms: shorter than the configured one, for this session only. */
  readonly absoluteTimeout?: number;
}

/**
 * Begins a session. The tokens are made before the session is stored: if
 * signing fails nothing is left behind, and if storing fails no token exists.
 *
 * @throws InvalidInputError, SessionLimitError, StoreFullError, StoreUnavailableError
 */
export const createSession = async <Claims, Data>(
  context: SessionContext<Claims, Data>,
  request: SessionInput<Claims, Data>,
): Promise<IssuedTokens> => {
  const userId = request?.userId;
  checkUserId(userId);
  const { times, clock, random, crypto } = context;
  const deviceId = request.device?.id ?? null;
  if (deviceId !== null) checkName('device.id', deviceId, 128);
  const now = clock();
  const written = writeAttributes({
    ...request,
    device: request.device ?? {},
    authTime: request.authTime ?? now,
  });
  const claims = writeClaims(request.claims ?? {});
  const shortest = Number.isFinite(times.accessTokenLifetime) ? times.accessTokenLifetime : 1_000;
  const idleTimeout = shorterLifetime(
    'idleTimeout',
    request.idleTimeout,
    times.idleTimeout,
    shortest,
  );
  const expiry = Math.floor(
    (now +
      shorterLifetime(
        'absoluteTimeout',
        request.absoluteTimeout,
        times.absoluteTimeout,
        shortest,
      )) /
      1_000,
  );

  const id = newId(userId, random, crypto);
  const sessionId = encodeTriples(id);
  const data = writeData(await dataOf(request.data, sessionId));
  const refreshToken = freshRefreshToken(context, id, 0, expiry, request);
  const first = generationRecordOf(context, refreshToken, random(32));
  const tokens = await issueTokens(context, {
    userId,
    sessionId,
    refreshToken,
    attributes: readAttributes(written, deviceId),
    claims,
    issuedAt: first.issuedAt,
    outcome: 'created',
  });

  const session = {
    sessionId,
    userId,
    first,
    idleTimeout,
    expiresAt: expiry * 1_000,
    deviceId,
    attributes: written,
    claims,
    data,
  };
  const outcome = await callStore(() => context.store.create(session, context.limit));
  if (outcome.kind === 'refused') throw new SessionLimitError();
  context.emit({ type: 'session.created', sessionId, userId });
  for (const evicted of outcome.evicted) {
    context.changed(evicted);
    context.emit({ type: 'session.revoked', sessionId: evicted, userId, reason: 'evicted' });
  }
  await blockSessions(context, outcome.evicted);
  return tokens;
};

const dataOf = async <Data>(
  data: SessionInput<unknown, Data>['data'],
  sessionId: string,
): Promise<unknown> =>
  typeof data === 'function'
    ? (data as (sessionId: string) => Data | Promise<Data>)(sessionId)
    : (data ?? {});
