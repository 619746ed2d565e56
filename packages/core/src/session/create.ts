import type { ClaimsInput, RequiredWhere } from '../claims-input.ts';
import { SessionLimitError } from '../errors.ts';
import type { Optional } from '../optional.ts';
import { callStore } from '../store/call.ts';
import { newCallId } from '../store/call-id.ts';
import { encodeTriples } from '../token/base64url.ts';
import { newId } from '../token/session-id.ts';
import { readAttributes, type SessionAttributes, writeAttributes } from './attributes.ts';
import { validateLifetime, validateName, validateUserId, writeClaims, writeData } from './input.ts';
import { freshRefreshToken, generationRecordOf, type IssuedTokens, issueTokens } from './issue.ts';
import { blockSessions } from './revoke.ts';
import type { SessionSettings } from './settings.ts';

/** Session data, or a function that is given the id of the session that is about to be created. */
type DataSource<Data> = Data | ((sessionId: string) => Data | Promise<Data>);

interface OptionalData<Data> {
  /**
   * Kept with the session, on the server only. A function receives the id of the session, for data
   * that must be bound to it. Default `{}`; required where its type has a required member.
   */
  readonly data?: DataSource<Data> | undefined;
}

type DataInput<Data> = OptionalData<Data> & {
  readonly [Name in RequiredWhere<Data, 'data'>]: DataSource<Data>;
};

interface SessionDetails extends Optional<SessionAttributes> {
  /** 1 to 255 characters. */
  readonly userId: string;
  /** In ms: shorter than the configured one, for this session only. */
  readonly idleTimeout?: number | undefined;
  /** In ms: shorter than the configured one, for this session only. */
  readonly absoluteTimeout?: number | undefined;
}

/**
 * A login that the application has verified. `claims` and `data` are required where their types
 * have required members.
 */
export type SessionInput<Claims, Data> = SessionDetails & ClaimsInput<Claims> & DataInput<Data>;

/**
 * Creates a session and returns its first tokens. The tokens are made before the session is
 * stored: if signing fails nothing is stored, and if storing fails no token is returned.
 *
 * @throws InvalidInputError, SessionLimitError, StoreFullError, StoreUnavailableError
 */
export const createSession = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  request: SessionInput<Claims, Data>,
): Promise<IssuedTokens> => {
  const userId = request?.userId;
  validateUserId(userId);
  const { times, clock, random, crypto } = settings;
  const deviceId = request.device?.id ?? null;
  if (deviceId !== null) validateName('device.id', deviceId, 128);
  const now = clock();
  const written = writeAttributes({
    ...request,
    device: request.device ?? {},
    authTime: request.authTime ?? now,
  });
  const claims = writeClaims(request.claims ?? {});
  const shortest = Number.isFinite(times.accessTokenLifetime) ? times.accessTokenLifetime : 1_000;
  const idleTimeout = validateLifetime(
    'idleTimeout',
    request.idleTimeout,
    times.idleTimeout,
    shortest,
  );
  const expiry = Math.floor(
    (now +
      validateLifetime(
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
  const refreshToken = freshRefreshToken(settings, id, 0, expiry, request);
  const first = generationRecordOf(settings, refreshToken, random(32));
  const tokens = await issueTokens(settings, {
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
    callId: newCallId(random),
  };
  const outcome = await callStore(() => settings.store.create(session, settings.limit));
  if (outcome.kind === 'refused') throw new SessionLimitError();
  settings.emit({ type: 'session.created', sessionId, userId });
  for (const evicted of outcome.evicted) {
    settings.forgetCached(evicted);
    settings.emit({ type: 'session.revoked', sessionId: evicted, userId, reason: 'evicted' });
  }
  await blockSessions(settings, outcome.evicted);
  return tokens;
};

const dataOf = async <Data>(
  data: DataSource<Data> | undefined,
  sessionId: string,
): Promise<unknown> =>
  typeof data === 'function'
    ? (data as (sessionId: string) => Data | Promise<Data>)(sessionId)
    : (data ?? {});
