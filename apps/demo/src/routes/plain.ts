import { isPawlError } from '@pawl/core';
import { siteHeaders } from 'page-kit/site';
import type { Service } from '../service.ts';
import { loginForm, readForm } from './body.ts';
import { readCookies } from './cookies.ts';
import { eventCard, expiredCard, loginCard, plainPage, signedInCard } from './plain-page.ts';
import {
  type Call,
  type DemoAuth,
  optionalRoute,
  publicRoute,
  type Route,
  type RouteResponse,
  withLimit,
} from './route.ts';
import { signIn } from './sign-in.ts';

const headers = {
  ...siteHeaders("'self'"),
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // With `no-referrer`, a form is sent with the origin `null`.
  'referrer-policy': 'same-origin',
};

const page = async (...parts: Parameters<typeof plainPage>): Promise<RouteResponse> => ({
  status: 200,
  headers,
  content: await plainPage(...parts),
});

const toPlain: RouteResponse = { status: 303, headers: { location: '/plain' } };

/** A page without script, with forms that work without it. */
export const plainRoutes = (service: Service): readonly Route[] => {
  const { accounts, config, limitAccount, timeline } = service;
  return [
    optionalRoute('GET', '/plain', { apiKeys: false }, async (call, auth) => {
      const user = auth && (await accounts.find(auth.userId));
      if (auth && user) {
        return page(
          `You are ${user.name}`,
          signedInCard(user.name, explain(service, auth)),
          eventCard(timeline.entries(auth.sessionId ?? '')),
        );
      }
      return (await hasExpired(service, call))
        ? page('The access cookie has expired', expiredCard())
        : page('Nobody is logged in', loginCard());
    }),

    withLimit(
      'login',
      publicRoute('POST', '/plain', async (call) => {
        const { username, password } = await readForm(call, loginForm);
        await call.assertOrigin();
        await limitAccount('login', username);
        const found = await accounts.authenticate(username, password);
        if (!found || !(await signIn(service, call, found, 'pwd', 'cookies'))) {
          const problem = 'The name or the password is wrong.';
          return { ...(await page('Nobody is logged in', loginCard(problem))), status: 401 };
        }
        return toPlain;
      }),
    ),

    publicRoute('POST', '/plain/logout', async (call) => {
      const { credential, refresh } = readCookies(config, call);
      if (credential !== undefined || refresh !== undefined) await call.logout();
      return toPlain;
    }),
  ];
};

const explain = ({ clock, config, identity: { sessions } }: Service, auth: DemoAuth): string => {
  if (config.cookies === 'session') {
    const age = durationOf(sessions.times.rotateAfter);
    return `Any request whose cookie is older than ${age} gets the next one. That needs no script, so this page keeps knowing you.`;
  }
  const left = durationOf(auth.expiresAt - clock());
  return `The access cookie is valid for another ${left}. Without a script nothing renews it.`;
};

const durationOf = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return seconds < 120 ? `${seconds} seconds` : `${Math.floor(seconds / 60)} minutes`;
};

/** Whether the request has an access cookie of a pair that was valid once. */
const hasExpired = async ({ config, identity }: Service, call: Call): Promise<boolean> => {
  const { credential } = readCookies(config, call);
  if (config.cookies !== 'pair' || credential === undefined) return false;
  try {
    await identity.sessions.verify(credential);
    return false;
  } catch (error) {
    return isPawlError(error) && error.code === 'ERR_TOKEN_EXPIRED';
  }
};
