import { InvalidInputError, type SessionInput } from '@pawl/core';
import type { IDToken } from 'openid-client';
import type { LoginGrant } from '../provider/grants.ts';
import type { OAuthUser } from '../provider/plain-oauth.ts';
import { sealTokenSet, type UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffData, UpstreamSession } from '../sealing/upstream-session.ts';
import type { BffSettings } from '../settings.ts';

/** In characters: leaves room in the session data for the application, and for longer tokens. */
const maxLength = 12_288;

const noClaims: Partial<IDToken> = {};

/** In ms. */
const shortestSession = 2_000;

/**
 * Returns what to create a session from after a login. The session does not outlive the
 * provider's refresh token, if the provider says how long that lives.
 *
 * @throws what the option `user` and the `onLogin` hook throw. Creating the session throws InvalidInputError if the
 *   tokens are too long to store.
 */
export const sessionInputOf = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  { tokenSet, idToken, refreshLifetime }: LoginGrant,
): Promise<SessionInput<Claims, BffData<Data>>> => {
  const { hooks, login, sealer, absoluteTimeout, idleTimeout } = settings;
  const user = idToken ?? (await readUser(settings, tokenSet));
  const userId = login.userIdOf(user.sub);
  const hookResult = await hooks.onLogin?.({ userId, user, idToken });
  const { data: app = {} as Data, ...result } = hookResult ?? {};
  // Without an ID token, the user has just logged in.
  const now = Math.floor(settings.clock() / 1_000);
  const { acr, amr, auth_time: authTime, iat = now, sid } = idToken ?? noClaims;
  const lifetime = Math.min(
    absoluteTimeout,
    Math.max(refreshLifetime ?? absoluteTimeout, shortestSession),
  );
  return {
    ...result,
    userId,
    authTime: (authTime ?? iat) * 1_000,
    ...(typeof acr === 'string' && { acr }),
    ...(Array.isArray(amr) && { amr: amr.filter((one) => typeof one === 'string') }),
    absoluteTimeout: lifetime,
    idleTimeout: Math.min(idleTimeout, lifetime),
    data: async (sessionId) => {
      const upstream: UpstreamSession = {
        ...(await sealTokenSet(sealer, sessionId, tokenSet)),
        tokenGeneration: 0,
        fence: 0,
        sid: typeof sid === 'string' ? sid : null,
        issuedAt: iat,
      };
      if (upstream.sealed.length > maxLength) {
        throw new InvalidInputError('upstream', `the tokens exceed ${maxLength} characters`);
      }
      return { app, upstream };
    },
    // Whether `onLogin` returns what `Claims` requires is for its own type to say.
  } as SessionInput<Claims, BffData<Data>>;
};

/** Asks the application who has logged in. @throws what it throws; TypeError for a user without an id */
const readUser = async (
  { provider }: Pick<BffSettings<unknown, unknown>, 'provider'>,
  { accessToken, tokenType }: UpstreamTokenSet,
): Promise<OAuthUser> => {
  const user = await provider.user?.({ accessToken, tokenType });
  if (typeof user?.sub !== 'string' || user.sub === '') {
    throw new TypeError('the option user must return an object with sub, the id as a string');
  }
  return user;
};
