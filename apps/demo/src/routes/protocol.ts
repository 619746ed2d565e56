import { isPawlError } from '@pawl/core';
import type { Service } from '../service.ts';
import { readCookies } from './cookies.ts';
import { DemoError } from './demo-error.ts';
import { ok, publicRoute, type Route } from './route.ts';

/** In ms: how long the thief keeps a stolen token. */
const theftLifetime = 10 * 60_000;
const maxThefts = 100;

/** A token of the request's cookies, and its session. */
interface CookieToken {
  readonly token: string;
  readonly sessionId: string;
}

/**
 * Routes that simulate a lost reply and a thief, in development only. They read the token from the
 * cookie, so the script of the page sees none. They have no guard, because a guard could rotate a
 * session cookie in the middle of an experiment.
 */
export const protocolRoutes = ({
  config,
  clock,
  identity: { sessions },
  timeline,
}: Service): readonly Route[] => {
  if (config.production) return [];
  const stolen = new Map<string, { readonly token: string; readonly at: number }>();

  const route = (path: string, work: (cookie: CookieToken) => Promise<unknown>): Route =>
    publicRoute('POST', path, async (call) => {
      const token = readCookies(config, call).refresh;
      const found = token === undefined ? null : await sessions.identify(token);
      if (token === undefined || found?.type !== 'refresh') {
        throw new DemoError(401, 'no_session', 'authentication is required');
      }
      await call.assertOrigin();
      return ok(await work({ token, sessionId: found.sessionId }));
    });

  /** Presents a token as a browser does: to the refresh route, or to any route. */
  const present = async (token: string): Promise<string> => {
    if (config.cookies === 'pair') return (await sessions.refresh(token)).outcome;
    return (await sessions.resume(token)).renewed?.outcome ?? 'accepted';
  };

  return [
    route('/refresh/lose-reply', async ({ token, sessionId }) => {
      const { outcome } = await sessions.refresh(token);
      timeline.add(sessionId, { type: 'reply.lost' });
      // The browser keeps its cookies, as if this response had been lost.
      return { outcome };
    }),

    route('/refresh/steal', async ({ token, sessionId }) => {
      const now = clock();
      for (const [id, { at }] of stolen) if (now - at > theftLifetime) stolen.delete(id);
      if (stolen.size >= maxThefts) throw new DemoError(429, 'rate_limited', 'the thief is busy');
      stolen.set(sessionId, { token, at: now });
      timeline.add(sessionId, { type: 'token.stolen' });
      return { message: 'the thief has a copy of the token' };
    }),

    route('/refresh/replay-stolen', async ({ sessionId }) => {
      const theft = stolen.get(sessionId);
      if (!theft) throw new DemoError(409, 'conflict', 'nothing was stolen');
      stolen.delete(sessionId);
      try {
        return { outcome: await present(theft.token) };
      } catch (error) {
        if (!isPawlError(error)) throw error;
        return { outcome: 'refused', error: error.code };
      }
    }),
  ];
};
