import type { Auth } from '@pawl/core';
import { type GuardOutcome, HttpError, type HttpResponse } from '@pawl/http';
import type { PendingCookies } from '@pawl/http/binding';
import { withPendingCookies } from '@pawl/http/extension';
import type { UpstreamToken } from '../upstream/upstream-token.ts';
import { type Credentials, SessionCredentials } from './credentials.ts';
import { refusalFor } from './failure.ts';
import type { Expiry } from './open-connections.ts';
import type { Route } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

/** The session of a request, or why the request is refused. */
export type Admission =
  | {
      readonly auth: SessionAuth;
      readonly pending: PendingCookies | null;
      /** When the step-up ends that the guard required, in ms since the epoch; null without one. */
      readonly validUntil: number | null;
    }
  | { readonly refusal: HttpResponse; readonly auth?: undefined };

type AnyOutcome = GuardOutcome<unknown, unknown>;

/** What the guard returned for a request with a session. */
type SessionAuth = Auth<unknown, unknown> & { readonly sessionId: string };

/** Turns the outcome of the guard into an admission. Without a session no request is sent. */
export const admit = (outcome: AnyOutcome): Admission => {
  if (outcome.kind === 'refused' || outcome.kind === 'redirected') {
    return { refusal: outcome.response };
  }
  const { pending } = outcome;
  // An optional guard lets anonymous requests through, and an API key has no upstream tokens.
  if (outcome.kind === 'authenticated' && hasSession(outcome.auth)) {
    return { auth: outcome.auth, pending, validUntil: outcome.validUntil ?? null };
  }
  const refusal = refusalFor(new HttpError('ERR_CREDENTIAL_MISSING', 'there is no session'));
  return { refusal: withPendingCookies(refusal, pending) };
};

const hasSession = (auth: Auth<unknown, unknown>): auth is SessionAuth => auth.sessionId !== null;

/** Returns when the session ends in any case, and the step-up that its guard required. */
export const expiriesOf = ({
  auth,
  validUntil,
}: {
  readonly auth: SessionAuth | null;
  readonly validUntil: number | null;
}): readonly Expiry[] => {
  const { absoluteExpiresAt } = auth?.session ?? {};
  const expiries: Expiry[] = [];
  if (absoluteExpiresAt !== undefined) {
    expiries.push({ at: absoluteExpiresAt, reason: 'session_ended' });
  }
  if (validUntil !== null) expiries.push({ at: validUntil, reason: 'step_up_ended' });
  return expiries;
};

/** Returns the upstream token of a session. @throws what `getUpstreamToken` throws */
export const tokenOf = ({ options }: ProxySettings, auth: SessionAuth): Promise<UpstreamToken> =>
  options.tokens.getUpstreamToken(auth.sessionId, { auth });

/** Returns the credentials that requests of a session are sent with. */
export const credentialsWith = (
  { options, proofs, refused }: ProxySettings,
  { origin }: Route,
  { sessionId }: SessionAuth,
  token: UpstreamToken,
): Credentials =>
  new SessionCredentials({ tokens: options.tokens, proofs, refused }, sessionId, token, origin);
