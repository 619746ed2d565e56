import {
  type Authentication,
  ConfigurationError,
  type Device,
  type IssuedTokens,
  type SessionInput,
} from '@pawl/core';
import { assertOptions } from '@pawl/core/internal';
import { withPendingCookies } from './cookies/pending-cookies.ts';
import { readPresentTokens } from './cookies/present-tokens.ts';
import { assertOrigin, readCredential } from './credential.ts';
import { deliverTokens, type TokenBody } from './delivery.ts';
import { readKeyProof } from './dpop/possession.ts';
import type { LoginTokens } from './issuer/issuer.ts';
import type { Delivery } from './options.ts';
import { type HttpRequest, singleHeader } from './request.ts';
import { respondToErrors } from './respond-to-errors.ts';
import type { HttpResponse, Refusal } from './response.ts';
import { revokeQuietly } from './routes/logout.ts';
import type { AnyHttpSettings, HttpSettings } from './settings.ts';

/** Options of one login. */
export interface LoginOptions {
  /** Where the tokens go. Default: the option `deliver` of `createHttp`. */
  readonly deliver?: Delivery | undefined;
}

/** The response to a login. Put its `body` into your own response. */
export interface LoginResponse<Tokens = LoginTokens> extends HttpResponse {
  readonly body: TokenBody;
  /** The tokens, wherever they are delivered. Keep them out of logs. */
  readonly tokens: Tokens;
  readonly error?: undefined;
}

/**
 * Creates a session for a user whom the application has authenticated, or an access token if
 * there are no sessions.
 *
 * With cookies, the request must come from an origin that may use them (login CSRF), and the
 * session that the browser had is revoked first (session fixation), whatever happens afterwards. If
 * the session cannot be stored there is no token and no cookie; if a cookie cannot be written there
 * is no session.
 *
 * With tokens in the body, a request with a DPoP proof gets tokens bound to its key (RFC 9449 § 5).
 */
export const login = async <Claims, Data>(
  settings: HttpSettings<Claims, Data>,
  request: HttpRequest,
  session: SessionInput<Claims, Data>,
  options: LoginOptions = {},
): Promise<LoginResponse | Refusal> =>
  respondToErrors(settings, async () => {
    assertOptions(options, { deliver: 1 });
    const { deliver: delivery = settings.deliver } = options;
    if (delivery !== 'body') assertOrigin(settings, request);
    return beginSession(settings, request, session, delivery);
  });

/**
 * Creates the session of a login without checking the origin of the request: for a login that is
 * bound to the browser by other means, such as an OAuth `state`.
 *
 * @throws what `Sessions.create` throws; InvalidInputError for a token that does not fit into a
 *   cookie
 */
export const beginSession = async <Claims, Data>(
  settings: HttpSettings<Claims, Data>,
  request: HttpRequest,
  session: SessionInput<Claims, Data>,
  delivery: Delivery,
): Promise<LoginResponse> => {
  if (session.jkt !== undefined && delivery !== 'body') {
    throw new ConfigurationError('deliver', 'must be body if the session is bound to a key');
  }
  const clear = delivery === 'body' ? [] : await endPreviousSessions(settings, request);
  const proof = delivery === 'body' ? await readKeyProof(settings, request) : undefined;
  // What is explicitly undefined counts as missing: it must not undo a key that was proved.
  const jkt = session.jkt ?? proof?.jkt;
  const tokens = await settings.issuer.login({
    ...session,
    ...(jkt !== undefined && { jkt }),
    device: deviceOf(settings, request, session.device),
  });
  try {
    const response = deliverTokens(settings, tokens, delivery);
    const cleared = { cookies: clear, mayLeave: () => true };
    return { ...withPendingCookies(response, cleared), tokens, error: undefined };
  } catch (error) {
    await settings.issuer.withdraw(tokens);
    throw error;
  }
};

/**
 * Records that the user has authenticated again, and replaces the session's credentials. The new
 * ones are delivered the way the request's own came.
 *
 * @throws ConfigurationError without `sessions`
 */
export const elevate = async <Claims, Data>(
  settings: HttpSettings<Claims, Data>,
  request: HttpRequest,
  sessionId: string,
  authentication?: Partial<Authentication>,
): Promise<LoginResponse<IssuedTokens> | Refusal> =>
  respondToErrors(settings, async () => {
    const { sessions } = settings.issuer;
    if (!sessions) throw new ConfigurationError('sessions', 'is required for a step-up');
    const credential = readCredential(settings, request);
    const tokens = await sessions.elevate(sessionId, authentication);
    const byCookie = credential.kind !== 'none' && credential.source === 'cookie';
    return { ...deliverTokens(settings, tokens, byCookie ? 'cookies' : 'body'), tokens };
  });

/** The application's device, completed by what the request says. */
const deviceOf = (settings: AnyHttpSettings, request: HttpRequest, given: Device = {}): Device => {
  const userAgent = given.userAgent ?? singleHeader(request, 'user-agent');
  const ip = given.ip ?? settings.clientAddress(request)?.toString();
  return {
    ...given,
    ...(userAgent !== undefined && { userAgent }),
    ...(ip !== undefined && { ip }),
  };
};

/** Ends every session that the browser had, and returns what clears the cookies of no further use. */
const endPreviousSessions = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
): Promise<readonly string[]> => {
  const { tokens, clear } = readPresentTokens(settings, request);
  for (const token of tokens) await revokeQuietly(settings, token, 'replaced');
  return clear;
};
