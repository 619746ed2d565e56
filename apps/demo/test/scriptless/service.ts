import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Config } from '../../src/config.ts';
import { createStoppedClock } from '../harness/clock.ts';
import { ann, type StartedDemo, type StartOptions, start } from '../harness/demo.ts';
import { type Exchange, type Proxy, startProxy } from './proxy.ts';

/** In ms. After ten minutes a session cookie is due. */
export const elevenMinutes: number = 11 * 60_000;

/** A demo with a session cookie, behind a proxy. */
export interface ProxiedDemo extends AsyncDisposable {
  readonly proxy: Proxy;
  readonly origin: string;
  readonly demo: StartedDemo;
  /** Counts the events of a type in the log. */
  readonly count: (event: string) => number;
}

/** Starts a demo, with a proxy unless there is one. */
export const startProxied = async (
  settings: Partial<Config>,
  options: Pick<StartOptions, 'clock' | 'routes'> & { readonly proxy?: Proxy } = {},
): Promise<ProxiedDemo> => {
  const { proxy = await startProxy(), clock = createStoppedClock(), routes } = options;
  const [origin] = proxy.origins;
  const own = { cookies: 'session', origin, ...settings } as const;
  const demo = await start(own, 'memory', { clock, ...(routes && { routes }) });
  proxy.target = demo.demo.port;
  return {
    proxy,
    origin,
    demo,
    count: (event) => demo.lines.filter((line) => line.includes(`"event":"${event}"`)).length,
    [Symbol.asyncDispose]: async () => {
      await demo[Symbol.asyncDispose]();
      if (!options.proxy) await proxy[Symbol.asyncDispose]();
    },
  };
};

/** Opens a browser without script, with the cookies of another one if it is given. */
export const openScriptless = async (
  browser: Browser,
  from?: BrowserContext,
): Promise<BrowserContext> => {
  const storageState = await from?.storageState();
  const context = await browser.newContext({
    javaScriptEnabled: false,
    ...(storageState && { storageState }),
  });
  context.setDefaultTimeout(10_000);
  return context;
};

/** Creates the user `ann` and logs in on `/plain`. */
export const logIn = async (
  { demo, origin }: Pick<ProxiedDemo, 'demo' | 'origin'>,
  context: BrowserContext,
): Promise<Page> => {
  await demo.send('POST', '/register', { ...ann, deliver: 'body' });
  const page = await context.newPage();
  await page.goto(`${origin}/plain`);
  await page.getByLabel('Name').fill(ann.username);
  await page.getByLabel('Password').fill(ann.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expectUser(page);
  return page;
};

/** Expects that the page that is open knows its user. */
export const expectUser = async (page: Page): Promise<void> => {
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('You are ann.');
};

/**
 * Opens `/plain` and expects that it knows its user.
 *
 * @param tab anything: a browser sends one request at a time for the same address
 */
export const openKnown = async (page: Page, origin: string, tab = 0): Promise<void> => {
  const response = await page.goto(`${origin}/plain?${tab}`);
  expect(response?.status()).toBe(200);
  await expectUser(page);
};

/**
 * Opens `/plain`, and loses the response with the next cookie. A browser repeats a request whose
 * response was lost, so all of them are.
 */
export const loseResponses = async (
  { proxy, origin }: Pick<ProxiedDemo, 'proxy' | 'origin'>,
  page: Page,
): Promise<void> => {
  const lost: Exchange[] = [];
  proxy.network.onResponse = async (exchange) => {
    // The icon of the page before may still be on its way.
    if (exchange.path !== '/plain') return true;
    lost.push(exchange);
    return false;
  };
  await expect(page.goto(`${origin}/plain`)).rejects.toThrow('ERR_EMPTY_RESPONSE');
  // The page of the browser with the error.
  await page.waitForURL('chrome-error://chromewebdata/');
  proxy.network = {};
  expect(lost[0]?.successors).toHaveLength(1);
};
