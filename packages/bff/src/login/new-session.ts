import { InvalidInputError, type SessionInput } from '@pawl/core';
import type { LoginGrant } from '../provider/grants.ts';
import { sealTokenSet } from '../sealing/token-set.ts';
import type { BffData, UpstreamSession } from '../sealing/upstream-session.ts';
import type { BffSettings } from '../settings.ts';

/** In characters: leaves room in a session's data for the application, and for tokens that grow. */
const maxLength = 12_288;

/** In ms. */
const shortestSession = 2_000;

/**
 * The session that a login becomes. It does not outlive the provider's refresh
 * token where the provider tells how long that lives.
 *
 * @throws what the `created` hook throws; InvalidInputError for tokens that are too long to keep,
 *   once the session is being made
 */
export const sessionOf = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  { tokenSet, idToken, refreshLifetime }: LoginGrant,
): Promise<SessionInput<Claims, BffData<Data>>> => {
  const { hooks, login, sealer, absoluteTimeout, idleTimeout } = settings;
  const userId = login.userIdOf(idToken.sub);
  const { data: app = {} as Data, ...result } = (await hooks.created?.({ userId, idToken })) ?? {};
  const { acr, amr, auth_time: authTime, iat, sid } = idToken;
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
  };
};
