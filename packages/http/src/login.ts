import {
  type Authentication,
  ConfigurationError,
  type IssuedTokens,
  type SessionRequest,
} from '@pawl/core';
import { answering } from './answering.ts';
import type { HttpContext } from './context.ts';
import { checkOrigin, readCookie, readCredential } from './credential.ts';
import { deliver, type TokenBody } from './delivery.ts';
import { provenKey } from './dpop/possession.ts';
import type { LoginTokens } from './issuer/issuer.ts';
import type { Delivery } from './options.ts';
import { type HttpRequest, singleHeader } from './request.ts';
import type { HttpResponse, Refusal } from './response.ts';
import { revokeQuietly } from './routes/logout.ts';

/** How one login differs from the configuration. */
export interface LoginOptions {
  /** Default: the configured one. */
  readonly deliver?: Delivery;
}

/** The answer to a login: its `body` is what the application's own answer should contain. */
export interface LoginResponse<Tokens = LoginTokens> extends HttpResponse {
  readonly body: TokenBody;
  /** The tokens, however they are delivered. Keep them out of logs. */
  readonly tokens: Tokens;
  readonly error?: undefined;
}

/**
 * Begins a session for a user whom the application has authenticated, or gives them an
 * access token where there are no sessions.
 *
 * With cookies, the request must come from an origin that may use them (login
 * CSRF), and the session that the browser had ends first: whoever planted its
 * cookie is out (fixation), whatever happens after. If the session cannot be
 * stored there is neither a token nor a cookie; if a cookie cannot be written
 * there is no session.
 *
 * With tokens in the body, a request that proves a key has them bound to it (RFC 9449 § 5).
 */
export const login = async <Claims, Data>(
  context: HttpContext<Claims, Data>,
  request: HttpRequest,
  session: SessionRequest<Claims, Data>,
  { deliver: delivery = context.deliver }: LoginOptions = {},
): Promise<LoginResponse | Refusal> =>
  answering(context, async () => {
    if (delivery !== 'body') checkOrigin(context, request);
    return beginSession(context, request, session, delivery);
  });

/**
 * What a login comes down to, once it is known that the browser itself wants it:
 * for a login that is bound to the browser by other means than the origin of its request.
 *
 * @throws what `Sessions.create` throws; InvalidInputError for a cookie that cannot be written
 */
export const beginSession = async <Claims, Data>(
  context: HttpContext<Claims, Data>,
  request: HttpRequest,
  session: SessionRequest<Claims, Data>,
  delivery: Delivery,
): Promise<LoginResponse> => {
  if (session.jkt !== undefined && delivery !== 'body') {
    throw new ConfigurationError('deliver', 'must be body where a session is bound to a key');
  }
  if (delivery !== 'body') await endPreviousSession(context, request);
  const proof = delivery === 'body' ? await provenKey(context, request) : undefined;
  const tokens = await context.issuer.login({
    ...proof,
    ...session,
    device: { ...deviceOf(context, request), ...session.device },
  });
  try {
    return { ...deliver(context, tokens, delivery), tokens, error: undefined };
  } catch (error) {
    await context.issuer.withdraw(tokens);
    throw error;
  }
};

/**
 * Notes that the user has authenticated again and hands out the session's new
 * credentials, the way the request's own came.
 *
 * @throws ConfigurationError where there are no sessions
 */
export const elevate = async <Claims, Data>(
  context: HttpContext<Claims, Data>,
  request: HttpRequest,
  sessionId: string,
  authentication?: Partial<Authentication>,
): Promise<LoginResponse<IssuedTokens> | Refusal> =>
  answering(context, async () => {
    const { sessions } = context.issuer;
    if (!sessions) throw new ConfigurationError('sessions', 'is needed for a step-up');
    const credential = readCredential(context, request);
    const tokens = await sessions.elevate(sessionId, authentication);
    const byCookie = credential.kind === 'token' && credential.source === 'cookie';
    return { ...deliver(context, tokens, byCookie ? 'cookies' : 'body'), tokens };
  });

const deviceOf = (
  context: HttpContext<unknown, unknown>,
  request: HttpRequest,
): { userAgent?: string; ip?: string } => {
  const userAgent = singleHeader(request, 'user-agent');
  const ip = context.clientAddress(request)?.toString();
  return { ...(userAgent !== undefined && { userAgent }), ...(ip !== undefined && { ip }) };
};

const endPreviousSession = async (
  context: HttpContext<unknown, unknown>,
  request: HttpRequest,
): Promise<void> => {
  if (!context.cookies) return;
  const { access, refresh } = context.cookies.policy;
  for (const cookie of [access, refresh]) {
    const token = cookie && readCookie(context, request, cookie);
    if (token) await revokeQuietly(context, token, 'replaced');
  }
};
