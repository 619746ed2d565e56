import {
  type Auth,
  ConfigurationError,
  type RevocationCheck,
  StepUpRequiredError,
  type VerifyOptions,
} from '@pawl/core';
import type { ApiKeyInfo } from '@pawl/core/api-keys';
import { assertOptions, type OptionNames, revocationChecks } from '@pawl/core/internal';
import type { PendingCookies } from './cookies/pending-cookies.ts';
import { renewedCookie, resume } from './cookies/resume.ts';
import type { CookieAttributes } from './cookies/serialize.ts';
import { clearCookie } from './cookies/session-cookies.ts';
import { clearStaleCookies } from './cookies/stale-cookies.ts';
import {
  assertOrigin,
  type Credential,
  chooseCredential,
  mustCheckOrigin,
  type PresentedToken,
  readCredential,
} from './credential.ts';
import { assertPossession } from './dpop/possession.ts';
import { isUnauthenticated } from './errors.ts';
import { type GuardCallbacks, replyOf } from './guard-callbacks.ts';
import { HttpError } from './http-error.ts';
import { isRefreshRetry, redirectToSelf } from './redirect.ts';
import type { HttpRequest } from './request.ts';
import { createRefusal } from './respond-to-errors.ts';
import type { HttpResponse, Refusal } from './response.ts';
import type { AnyHttpSettings, HttpSettings } from './settings.ts';

/** What a guard requires beside a valid credential. */
export interface GuardOptions<Claims, Data> extends GuardCallbacks {
  /**
   * Returns whether the caller is allowed; false is a 403. What it throws goes to the framework's
   * error handler.
   */
  readonly allow?: ((auth: Auth<Claims, Data>) => boolean | Promise<boolean>) | undefined;
  /**
   * In ms: the maximum age of the authentication. An older one is a step-up challenge (RFC 9470).
   */
  readonly maxAuthAge?: number | undefined;
  /** How revocation is checked. Default: as `createSessions` was told. Requires `sessions`. */
  readonly revocationCheck?: RevocationCheck | undefined;
  /**
   * In ms: how old a cached session record may be; 0 always reads the store. Default: as
   * `createSessions` was told. Requires `sessions`.
   */
  readonly maxStaleness?: number | undefined;
  /** Whether API keys are accepted. Default: true if the option `apiKeys` is given. */
  readonly apiKeys?: boolean | undefined;
}

/** The members of {@link GuardOptions}. */
const optionNames: OptionNames<GuardOptions<never, never>> = {
  allow: 1,
  maxAuthAge: 1,
  revocationCheck: 1,
  maxStaleness: 1,
  apiKeys: 1,
  onNone: 1,
  onExpired: 1,
  onInvalid: 1,
};

/** What a guard found. */
export type GuardOutcome<Claims, Data> =
  | {
      readonly kind: 'authenticated';
      readonly auth: Auth<Claims, Data>;
      /** The next session token, for your own response; null if the cookie stays. */
      readonly pending: PendingCookies | null;
      /**
       * When the authentication gets older than `maxAuthAge`, in ms since the epoch: what the request
       * opens, such as a stream, ends then. Missing without `maxAuthAge`.
       */
      readonly validUntil?: number | undefined;
    }
  | {
      readonly kind: 'anonymous';
      /** What clears a stale cookie, for your own response. */
      readonly pending: PendingCookies | null;
    }
  /**
   * Send the response as it is, and nothing else: the browser comes back with its newest cookie, or a
   * callback of the guard responds.
   */
  | { readonly kind: 'redirected'; readonly response: HttpResponse }
  /** Send the response as it is. */
  | { readonly kind: 'refused'; readonly response: Refusal };

/** What a guard has to know of the response. */
export interface GuardCallOptions {
  /**
   * Whether the response to this request can still set cookies. Not if its headers have left, and
   * not for a WebSocket. Default true.
   */
  readonly canSetCookies?: boolean | undefined;
}

/** Checks a request. Errors that are not for the client are thrown. */
export type Guard<Claims, Data> = (
  request: HttpRequest,
  call?: GuardCallOptions,
) => Promise<GuardOutcome<Claims, Data>>;

/**
 * Creates a guard from settings, for packages that bring routes of their own.
 *
 * @param optional whether a request without a valid credential passes as anonymous. A bad
 *   credential in the header and a failed store are refused all the same. Default false
 * @throws ConfigurationError, naming the option
 * @example
 * const guard = createGuard(settings, { maxAuthAge: 5 * 60_000 });
 * const outcome = await guard(request);
 */
export const createGuard = <Claims, Data>(
  settings: HttpSettings<Claims, Data>,
  options: GuardOptions<Claims, Data>,
  optional = false,
): Guard<Claims, Data> => {
  assertOptions(options, optionNames);
  const verifyOptions = validateOptions(settings, options);
  return async (request, { canSetCookies = true } = {}) => {
    let credential = readCredential(settings, request);
    if (credential.kind === 'several') credential = await chooseCredential(settings, credential);
    if (optional && credential.kind === 'none' && !options.onNone) return anonymous;
    try {
      const presented = requireToken(settings, request, credential);
      const { token, type, source, scheme } = presented;
      const proof = scheme === 'DPoP' ? await settings.dpop?.verify(request, token) : undefined;
      let pending: PendingCookies | null = null;
      let auth: Auth<Claims, Data>;
      if (type === 'session') {
        const resumed = await resume(settings, request, token, verifyOptions, canSetCookies);
        auth = resumed.auth;
        if (resumed.renewed) pending = renewedCookie(settings, resumed.renewed);
      } else if (source === 'header' && settings.apiKeys?.isApiKey(token)) {
        auth = await verifyApiKey(settings, token, options);
      } else {
        const { waitUntil } = request;
        const checks = waitUntil ? { ...verifyOptions, waitUntil } : verifyOptions;
        auth = await settings.issuer.verify(token, checks);
      }
      if (proof || auth.jkt !== null) await assertPossession(auth.jkt, proof);
      assertFreshAuthentication(settings, auth, options.maxAuthAge);
      if (options.allow && !(await options.allow(auth))) {
        throw new HttpError('ERR_FORBIDDEN', 'the credential does not allow this');
      }
      const { maxAuthAge } = options;
      return {
        kind: 'authenticated',
        auth,
        pending: alsoClear(pending, presented.stale),
        ...(maxAuthAge !== undefined && { validUntil: (auth.authTime ?? 0) + maxAuthAge }),
      };
    } catch (error) {
      const isCookie = credential.kind !== 'none' && credential.source === 'cookie';
      const cookies = isCookie ? clearStaleCookies(settings, credential, error, optional) : [];
      const reply = await replyOf(options, request, error, cookies);
      if (reply) return { kind: 'redirected', response: reply };
      if (optional && credential.kind === 'none') return anonymous;
      if (optional && isCookie && isUnauthenticated(error)) {
        return cookies.length === 0
          ? anonymous
          : { kind: 'anonymous', pending: { cookies, mayLeave: always } };
      }
      const isSession = credential.kind === 'token' && credential.type === 'session';
      if (isSession && isRefreshRetry(error) && canSetCookies) {
        const response = redirectToSelf(settings, request);
        if (response) return { kind: 'redirected', response };
      }
      const scheme = credential.kind === 'token' ? credential.scheme : undefined;
      const details = { ...options, scheme, cookies, waitUntil: request.waitUntil };
      return { kind: 'refused', response: createRefusal(settings, error, details) };
    }
  };
};

/** Adds what clears the cookies that are in the way. */
const alsoClear = (
  pending: PendingCookies | null,
  stale: readonly CookieAttributes[],
): PendingCookies | null => {
  if (stale.length === 0) return pending;
  const { cookies = [], mayLeave = always } = pending ?? {};
  return { cookies: [...stale.map(clearCookie), ...cookies], mayLeave };
};

const always = (): boolean => true;
const anonymous = { kind: 'anonymous', pending: null } as const;

/** Validates the options and returns those that the core takes. */
const validateOptions = (
  { issuer }: AnyHttpSettings,
  {
    maxAuthAge,
    maxStaleness,
    revocationCheck,
  }: Pick<GuardOptions<unknown, unknown>, 'maxAuthAge' | 'maxStaleness' | 'revocationCheck'>,
): VerifyOptions => {
  if (maxAuthAge !== undefined && !(maxAuthAge >= 1_000 && Number.isFinite(maxAuthAge))) {
    throw new ConfigurationError('maxAuthAge', 'must be at least 1,000 ms');
  }
  if (maxStaleness !== undefined && !(maxStaleness >= 0 && Number.isFinite(maxStaleness))) {
    throw new ConfigurationError('maxStaleness', 'must be a finite number, 0 or more');
  }
  if (revocationCheck !== undefined && !revocationChecks.includes(revocationCheck)) {
    throw new ConfigurationError('revocationCheck', 'must be session, blocklist or none');
  }
  const verifyOptions = {
    ...(revocationCheck !== undefined && { revocationCheck }),
    ...(maxStaleness !== undefined && { maxStaleness }),
  };
  const [given] = Object.keys(verifyOptions);
  if (given !== undefined && !issuer.sessions) {
    throw new ConfigurationError(given, 'requires sessions');
  }
  return verifyOptions;
};

/** Returns the credential if it is a token, and its origin may use it. */
const requireToken = (
  settings: AnyHttpSettings,
  request: HttpRequest,
  credential: Credential,
): PresentedToken => {
  if (credential.kind === 'none') {
    throw new HttpError('ERR_CREDENTIAL_MISSING', 'there is no credential');
  }
  if (credential.kind !== 'token') {
    throw new HttpError('ERR_CREDENTIAL_INVALID', 'the credential is malformed or ambiguous');
  }
  // Before the store is called: a forged request must not cost anything.
  if (credential.source === 'cookie' && mustCheckOrigin(settings, request)) {
    assertOrigin(settings, request);
  }
  return credential;
};

const assertFreshAuthentication = (
  { clock }: AnyHttpSettings,
  auth: Auth<unknown, unknown>,
  maxAuthAge: number | undefined,
): void => {
  if (maxAuthAge !== undefined && !(clock() - (auth.authTime ?? 0) <= maxAuthAge)) {
    throw new StepUpRequiredError();
  }
};

const verifyApiKey = async <Claims, Data>(
  { apiKeys }: HttpSettings<Claims, Data>,
  token: string,
  options: GuardOptions<Claims, Data>,
): Promise<Auth<Claims, Data>> => {
  if (!apiKeys || options.apiKeys === false) {
    throw new HttpError('ERR_FORBIDDEN', 'API keys are not accepted here');
  }
  return authOfApiKey(await apiKeys.verify(token));
};

/** An API key as handlers see it: without a session and without an authentication time. */
const authOfApiKey = <Claims, Data>(key: ApiKeyInfo<Claims>): Auth<Claims, Data> => ({
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
