import {
  type Auth,
  ConfigurationError,
  type RevocationCheck,
  StepUpRequiredError,
} from '@pawl/core';
import type { ApiKeyInfo } from '@pawl/core/api-keys';
import { refusal } from './answering.ts';
import type { HttpContext } from './context.ts';
import { clearedCookie } from './cookies/session-cookies.ts';
import { type Credential, checkOrigin, mustCheckOrigin, readCredential } from './credential.ts';
import { isUnauthenticated } from './errors.ts';
import { HttpError, isHttpError } from './http-error.ts';
import type { HttpRequest } from './request.ts';
import type { Refusal } from './response.ts';

/** What one route demands beyond a valid credential. */
export interface GuardOptions<Claims, Data> {
  /** Whether this caller may; false answers 403. What it throws goes to the error handler. */
  readonly allow?: (auth: Auth<Claims, Data>) => boolean | Promise<boolean>;
  /** In ms: how old the authentication may be. Older ones answer a step-up challenge (RFC 9470). */
  readonly maxAuthAge?: number;
  /** Default: the configured one. */
  readonly revocationCheck?: RevocationCheck;
  /** Whether API keys are accepted. Default yes, where there are any. */
  readonly apiKeys?: boolean;
}

/** What a guard found. `response` is to be sent as it is, `clear` are cookies to be cleared. */
export type GuardOutcome<Claims, Data> =
  | { readonly kind: 'authenticated'; readonly auth: Auth<Claims, Data> }
  | { readonly kind: 'anonymous'; readonly clear: readonly string[] }
  | { readonly kind: 'refused'; readonly response: Refusal };

/** @throws ConfigurationError, naming the option. */
export const checkGuardOptions = ({
  maxAuthAge,
}: Pick<GuardOptions<unknown, unknown>, 'maxAuthAge'>): void => {
  if (maxAuthAge !== undefined && !(maxAuthAge >= 1_000 && Number.isFinite(maxAuthAge))) {
    throw new ConfigurationError('maxAuthAge', 'must be at least 1,000 ms');
  }
};

/**
 * Decides about a request. Errors that HTTP has no answer to are thrown.
 *
 * @param optional lets a request without a valid credential through as anonymous, unless
 *   it claims to have one in its header, or the store cannot tell
 */
export const guard = async <Claims, Data>(
  context: HttpContext<Claims, Data>,
  request: HttpRequest,
  options: GuardOptions<Claims, Data>,
  optional = false,
): Promise<GuardOutcome<Claims, Data>> => {
  const credential = readCredential(context, request);
  if (optional && credential.kind === 'none') return { kind: 'anonymous', clear: [] };
  try {
    const auth = await authenticate(context, request, credential, options);
    return { kind: 'authenticated', auth };
  } catch (error) {
    const isCookie = credential.kind !== 'none' && credential.source === 'cookie';
    if (optional && isCookie && isUnauthenticated(error)) {
      return { kind: 'anonymous', clear: staleCookie(context, error) };
    }
    return { kind: 'refused', response: refusal(context, error, options) };
  }
};

const authenticate = async <Claims, Data>(
  context: HttpContext<Claims, Data>,
  request: HttpRequest,
  credential: Credential,
  options: GuardOptions<Claims, Data>,
): Promise<Auth<Claims, Data>> => {
  if (credential.kind === 'none') {
    throw new HttpError('ERR_CREDENTIAL_MISSING', 'there is no credential');
  }
  if (credential.kind === 'bad') {
    throw new HttpError('ERR_CREDENTIAL_INVALID', 'the credential is malformed or ambiguous');
  }
  const { source, token } = credential;
  // Before the store is asked: a forged request costs nothing.
  if (source === 'cookie' && mustCheckOrigin(context, request)) checkOrigin(context, request);

  const auth =
    source === 'header' && context.apiKeys?.isApiKey(token)
      ? await verifyApiKey(context, token, options)
      : await context.sessions.verify(
          token,
          options.revocationCheck && { revocationCheck: options.revocationCheck },
        );
  if (auth.jkt !== null) {
    // A bound token without a proof of its key is a stolen one (RFC 9449 § 7.2).
    throw new HttpError('ERR_CREDENTIAL_INVALID', 'the token is bound to a key');
  }
  const { maxAuthAge, allow } = options;
  if (maxAuthAge !== undefined && !(context.clock() - (auth.authTime ?? 0) <= maxAuthAge)) {
    throw new StepUpRequiredError();
  }
  if (allow && !(await allow(auth))) {
    throw new HttpError('ERR_FORBIDDEN', 'the credential does not allow this');
  }
  return auth;
};

const verifyApiKey = async <Claims, Data>(
  { apiKeys }: HttpContext<Claims, Data>,
  token: string,
  options: GuardOptions<Claims, Data>,
): Promise<Auth<Claims, Data>> => {
  if (!apiKeys || options.apiKeys === false) {
    throw new HttpError('ERR_FORBIDDEN', 'API keys are not accepted here');
  }
  return apiKeyAuth(await apiKeys.verify(token));
};

/** An API key as handlers see it: no session, and nobody who has just typed a password. */
const apiKeyAuth = <Claims, Data>(key: ApiKeyInfo<Claims>): Auth<Claims, Data> => ({
  userId: key.userId,
  sessionId: null,
  tokenId: key.keyId,
  expiresAt: key.expiresAt ?? Number.MAX_SAFE_INTEGER,
  claims: key.claims,
  session: null,
  authTime: null,
  acr: null,
  amr: [],
  clientId: null,
  scope: null,
  actor: null,
  organizationId: null,
  jkt: null,
});

/**
 * The access cookie goes when it can never be good again. One that has merely
 * expired stays: logout still ends the session by it.
 */
const staleCookie = (context: HttpContext<unknown, unknown>, error: unknown): readonly string[] => {
  const expired = !isHttpError(error) && (error as { code?: unknown }).code === 'ERR_TOKEN_EXPIRED';
  return context.cookies && !expired ? [clearedCookie(context.cookies.policy.access)] : [];
};
