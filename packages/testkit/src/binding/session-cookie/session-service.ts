import type { BindingTrial } from '../harness/binding-suite.ts';
import type { Browser } from '../harness/browser.ts';
import type { ServiceSetup } from '../harness/serve.ts';
import type { Service } from '../harness/service.ts';

/** In ms: how old a session token becomes, by default, before the next request rotates it. */
export const rotateAfter = 600_000;

/** Starts a service with one session cookie, which is the default outside of this suite. */
export const serveSession = (t: BindingTrial, setup: ServiceSetup = {}): Promise<Service> =>
  t.serve({ ...setup, http: { cookies: { mode: 'session' }, ...setup.http } });

/** Returns the value of the session cookie of a browser, with any prefix. */
export const sessionToken = async (browser: Browser): Promise<string | undefined> => {
  const header = await browser.cookieHeader('/');
  return /(?:^|; )(?:__Host-)?session=([^;]*)/.exec(header)?.[1];
};

/** Returns the values of the session cookies that a response sets. */
export const tokensSet = (cookies: readonly string[]): string[] =>
  cookies.flatMap((one) => /^(?:__Host-)?session=([^;]+)/.exec(one)?.[1] ?? []);

/** Returns the number of store calls of one verb since the list was last reset. */
export const callsOf = ({ internals }: Service, verb: string): number =>
  internals.store.calls.filter((call) => call === verb).length;
