import { isPawlError } from '@pawl/core';
import { parseCookie } from 'cookie';
import type { Service } from '../service.ts';
import { DemoError } from './demo-error.ts';
import { type Call, type GuardedCall, guardedRoute, ok, type Route } from './route.ts';

/** In ms: how long the thief keeps a stolen token. */
const theftLifetime = 10 * 60_000;
const maxThefts = 100;

/**
 * Routes that simulate a lost reply and a thief, in development only. They are below `/refresh`,
 * the only path that browsers send the refresh cookie to, so the script of the page sees no token.
 */
export const protocolRoutes = (service: Service): readonly Route[] => {
  const { config, identity, timeline } = service;
  if (config.production) return [];
  const stolen = new Map<string, { readonly token: string; readonly at: number }>();

  /** Adds the session id. The refresh token in the cookie need not belong to that session. */
  const route = (path: string, work: (call: GuardedCall, sessionId: string) => Promise<unknown>) =>
    guardedRoute('POST', path, { apiKeys: false }, async (call) => {
      const { sessionId } = call.auth;
      if (sessionId === null) throw new DemoError(403, 'forbidden', 'there is no session');
      return ok(await work(call, sessionId));
    });

  return [
    route('/refresh/lose-reply', async (call, sessionId) => {
      const { outcome } = await identity.sessions.refresh(refreshToken(service, call));
      timeline.add(sessionId, { type: 'reply.lost' });
      // The browser keeps its cookies, as if this response had been lost.
      return { outcome };
    }),

    route('/refresh/steal', async (call, sessionId) => {
      const now = service.clock();
      for (const [id, { at }] of stolen) if (now - at > theftLifetime) stolen.delete(id);
      if (stolen.size >= maxThefts) throw new DemoError(429, 'rate_limited', 'the thief is busy');
      stolen.set(sessionId, { token: refreshToken(service, call), at: now });
      timeline.add(sessionId, { type: 'token.stolen' });
      return { message: 'the thief has a copy of the refresh token' };
    }),

    route('/refresh/replay-stolen', async (_, sessionId) => {
      const theft = stolen.get(sessionId);
      if (!theft) throw new DemoError(409, 'conflict', 'nothing was stolen');
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
  if (token === undefined)
    throw new DemoError(400, 'invalid_request', 'there is no refresh cookie');
  return token;
};
