import type { Auth } from '@pawl/core';
import { HttpError, type HttpResponse } from '@pawl/http';
import type { UpstreamToken } from '../upstream/upstream-token.ts';
import { type Credentials, SessionCredentials } from './credentials.ts';
import type { ProxyOptions } from './options.ts';
import type { Route } from './route-table.ts';
import { type ProxySettings, refusalOf } from './settings.ts';

/** Who asks, or why they may not. */
export type Admitted =
  | { readonly auth: SessionAuth }
  | { readonly refusal: HttpResponse; readonly auth?: undefined };

/** What stands behind a session that was let in. */
type SessionAuth = Auth<unknown, unknown> & { readonly sessionId: string };

/** What a guard's word means here. Without a session the API is not asked anything. */
export const admit = (outcome: Awaited<ReturnType<ProxyOptions['guard']>>): Admitted => {
  if (outcome.kind === 'refused') return { refusal: outcome.response };
  // An optional guard lets anybody through; who comes with an API key has no tokens here.
  if (outcome.kind === 'authenticated' && hasSession(outcome.auth)) return { auth: outcome.auth };
  return { refusal: refusalOf(new HttpError('ERR_CREDENTIAL_MISSING', 'there is no session')) };
};

const hasSession = (auth: Auth<unknown, unknown>): auth is SessionAuth => auth.sessionId !== null;

/** The token of a session that was let in. @throws what `getUpstreamToken` throws */
export const tokenOf = ({ options }: ProxySettings, auth: SessionAuth): Promise<UpstreamToken> =>
  options.tokens.getUpstreamToken(auth.sessionId, { auth });

/** What a request of a session goes up with. */
export const credentialsWith = (
  { options, proofs }: ProxySettings,
  { origin }: Route,
  { sessionId }: SessionAuth,
  token: UpstreamToken,
): Credentials =>
  new SessionCredentials({ tokens: options.tokens, proofs }, sessionId, token, origin);
