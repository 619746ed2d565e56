import { isPawlError } from '@pawl/core';
import { parseCookie } from 'cookie';
import type { Service } from '../service.ts';
import { Refused } from './refused.ts';
import { type Call, type GuardedCall, guarded, ok, type Route } from './route.ts';

/** In ms: how long the thief keeps what was stolen. */
const loot = 10 * 60_000;
const maxThefts = 100;

/**
 * What goes wrong in the world, played on purpose, in development only: a reply that
 * is lost on its way, and a thief. They stand below `/refresh`, the one path that a
 * browser sends the refresh cookie to; the page's script never sees a token.
 */
export const protocolRoutes = (service: Service): readonly Route[] => {
  const { config, identity, timeline } = service;
  if (config.production) return [];
  const stolen = new Map<string, { readonly token: string; readonly at: number }>();

  /** Whose refresh token it is does not depend on the session that asks: the cookie is the thief's haul. */
  const route = (path: string, work: (call: GuardedCall, sessionId: string) => Promise<unknown>) =>
    guarded('POST', path, { apiKeys: false }, async (call) => {
      const { sessionId } = call.auth;
      if (sessionId === null) throw new Refused(403, 'forbidden', 'there is no session');
      return ok(await work(call, sessionId));
    });

  return [
    route('/refresh/lose-reply', async (call, sessionId) => {
      const { outcome } = await identity.sessions.refresh(refreshToken(service, call));
      timeline.note(sessionId, { type: 'reply.lost' });
      // The browser keeps the cookies that it had, as if this answer had never come.
      return { outcome };
    }),

    route('/refresh/steal', async (call, sessionId) => {
      const now = service.clock();
      for (const [id, { at }] of stolen) if (now - at > loot) stolen.delete(id);
      if (stolen.size >= maxThefts) throw new Refused(429, 'rate_limited', 'the thief is busy');
      stolen.set(sessionId, { token: refreshToken(service, call), at: now });
      timeline.note(sessionId, { type: 'token.stolen' });
      return { message: 'the thief has a copy of the refresh token' };
    }),

    route('/refresh/replay-stolen', async (_, sessionId) => {
      const theft = stolen.get(sessionId);
      if (!theft) throw new Refused(409, 'conflict', 'nothing was stolen');
      stolen.delete(sessionId);
      try {
        return { outcome: (await identity.sessions.refresh(theft.token)).outcome };
      } catch (error) {
        if (!isPawlError(error)) throw error;
        return { outcome: 'refused', error: error.code };
      }
    }),
  ];
};

const refreshToken = ({ config }: Service, call: Call): string => {
  const name = config.origin.startsWith('https:') ? '__Secure-refresh_token' : 'refresh_token';
  const token = parseCookie(call.header('cookie') ?? '')[name];
  if (token === undefined) throw new Refused(400, 'invalid_request', 'there is no refresh cookie');
  return token;
};
