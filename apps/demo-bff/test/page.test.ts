import { tryInlineScript } from 'page-kit/chromium';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium, openPage, signIn, timelineOf } from './chromium.ts';
import { createProver } from './proof.ts';
import { type StartedDemo, start } from './started.ts';
import { startWire, type Wire } from './wire.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());

let stack: AsyncDisposableStack;
let demo: StartedDemo;
let wire: Wire;
let context: BrowserContext;
let page: Page;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  demo = stack.use(await start());
  wire = stack.use(await startWire());
  context = await browser.newContext({ proxy: { server: wire.address } });
  stack.defer(() => context.close());
  page = await openPage(context, demo.origin);
}, 60_000);

/** Checks that the browser has received no part of any token of the provider. */
const expectNoToken = (): void => {
  const all = wire.text();
  expect(wire.responses()).toBeGreaterThan(10);
  expect(demo.tokens.size).toBeGreaterThanOrEqual(3);
  for (const token of demo.tokens) {
    for (const part of token.split('.')) expect(all.includes(part), `found ${part}`).toBe(false);
  }
};

afterEach(async () => {
  await stack.disposeAsync();
  expectNoToken();
}, 60_000);

/** Waits until the latest token has expired. On a slow machine it may have been refreshed early. */
const waitUntilExpired = (): Promise<void> =>
  expect
    .poll(
      async () => {
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
        return page.locator('#countdown').textContent();
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe('expired');

const signOutAtTheProvider = async (): Promise<Page> => {
  const opened = context.waitForEvent('page');
  await page.getByRole('link', { name: 'Sign out at the provider' }).click();
  const provider = await opened;
  await provider.getByRole('button', { name: 'Sign me out' }).click();
  return provider;
};

describe('in Chromium', { timeout: 120_000 }, () => {
  test('a login, API calls before and after an expiry, and the end by the back channel', async () => {
    await signIn(page, 'ann');
    expect(await page.locator('#user').textContent()).toBe('ann');
    const cookies = await context.cookies(demo.origin);
    expect(cookies).toMatchObject([{ name: 'session', httpOnly: true, sameSite: 'Strict' }]);
    expect(await page.evaluate('document.cookie')).toBe('');

    await page.getByRole('button', { name: 'Call the API' }).click();
    await page.getByText('The API says: you are ann.').waitFor();
    await waitUntilExpired();
    const [refreshes, accessToken] = [demo.refreshes(), demo.accessToken()];
    await page.getByRole('button', { name: 'five times at once' }).click();
    await page.getByText('Called the API 5 times').waitFor();
    expect(demo.refreshes()).toBe(refreshes + 1);
    expect(demo.accessToken()).not.toBe(accessToken);
    expect(await timelineOf(page)).toEqual([
      'Called the API 5 times',
      'A new token',
      'Called the API',
      'Signed in',
    ]);
    expect(await page.locator('#timeline li').first().textContent()).toContain(
      'It received token ',
    );

    // In another tab: this page is not touched, and sends no request by itself.
    const provider = await signOutAtTheProvider();
    await provider.getByRole('heading', { name: 'You are signed out.' }).waitFor();
    expect(new URL(provider.url()).origin).toBe(demo.issuer);
    // Half of the interval at which the proxy checks sessions.
    await page.getByText('You were signed out.').waitFor({ timeout: 15_000 });
    await page.getByRole('link', { name: 'Sign in at the provider' }).waitFor();
    expect((await timelineOf(page))[0]).toBe('Signed out');
    await expect.poll(() => context.cookies(demo.origin)).toEqual([]);

    const all = wire.text();
    // The recording contains the API, the cookie, the provider and the WebSocket, so it would contain a token.
    expect(all).toContain('"user":"ann"');
    expect(all).toMatch(/set-cookie\nsession=/i);
    expect(all).toContain('Sign in and agree');
    expect(all).toContain('101 Switching Protocols');
    expect(all).toContain('hello');
    // An access, a refresh and an ID token each, of the login and of the refresh.
    expect(demo.tokens.size).toBeGreaterThanOrEqual(6);
  });

  test('a sign-out here leads to the provider, where the next user signs in', async () => {
    await signIn(page, 'ann');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Sign me out' }).click();
    await page.getByRole('link', { name: 'Sign in at the provider' }).waitFor();
    expect(page.url()).toBe(`${demo.origin}/`);
    expect(await page.getByRole('alert').isVisible()).toBe(false);
    expect(await context.cookies(demo.origin)).toEqual([]);
    await signIn(page, 'bob');
    expect(await page.locator('#user').textContent()).toBe('bob');
  });

  test('a user who stays signed in at the provider enters no name there', async () => {
    await signIn(page, 'ann');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await page.getByRole('link', { name: 'Sign in at the provider' }).click();
    await page.getByText('You are signed in here as ann.').waitFor();
    await page.getByRole('button', { name: 'Sign in and agree' }).click();
    await page.getByRole('heading', { name: 'This session' }).waitFor();
    expect(await page.locator('#user').textContent()).toBe('ann');
  });

  test('the session cookie rotates, and twenty requests at that moment are twenty 200s', async () => {
    await signIn(page, 'ann');
    const cookie = async (): Promise<string | undefined> =>
      (await context.cookies(demo.origin))[0]?.value;
    const seen = new Set([await cookie()]);
    const call = "fetch('/api/me', { headers: { 'X-BFF': '1' } }).then(({ status }) => status)";
    const calls = `Promise.all(Array.from({ length: 20 }, () => ${call}))`;
    for (let rotation = 1; rotation <= 11; rotation++) {
      demo.pass(660_000);
      expect(await page.evaluate(calls)).toEqual(Array(20).fill(200));
      expect(demo.rotations()).toBe(rotation);
      seen.add(await cookie());
      expect(seen.size).toBe(1 + rotation);
    }
    // Another tab has the same jar, and the page still knows its user.
    const other = await context.newPage();
    await other.goto(demo.origin);
    await other.getByRole('heading', { name: 'This session' }).waitFor();
    expect(await other.locator('#user').textContent()).toBe('ann');
    await page.getByRole('button', { name: 'Call the API' }).click();
    await page.getByText('The API says: you are ann.').waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('a service that does not respond signs nobody out', async () => {
    await signIn(page, 'ann');
    await demo[Symbol.asyncDispose]();
    await page.getByText('The service does not respond.').waitFor();
    expect(await page.getByRole('heading', { name: 'This session' }).isVisible()).toBe(true);
    expect(await context.cookies(demo.origin)).toHaveLength(1);
  });

  test('the content security policy stops inline scripts, and the page works with it', async () => {
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    const response = await page.reload();
    const policy = await response?.headerValue('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toContain('unsafe');
    await signIn(page, '<b>ann</b>');
    expect(await page.locator('#user').textContent()).toBe('<b>ann</b>');
    expect(complaints).toEqual([]);
    expect(await tryInlineScript(page)).toBeUndefined();
    expect(complaints.join()).toContain('Content Security Policy');
  });

  test('stolen upstream tokens are useless without their key', async () => {
    await signIn(page, 'ann');
    const stolen = demo.accessToken();
    const statusOf = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${demo.api}/me`, { headers })).status;
    expect(stolen.split('.')).toHaveLength(3);
    expect(await statusOf({ authorization: `Bearer ${stolen}` })).toBe(401);
    expect(await statusOf({ authorization: `DPoP ${stolen}` })).toBe(401);
    const thief = await createProver();
    const dpop = await thief.prove(`${demo.api}/me`, stolen);
    expect(await statusOf({ authorization: `DPoP ${stolen}`, dpop })).toBe(401);
    expect((await fetch(`${demo.origin}/api/me`)).status).toBe(401);

    const refreshed = await fetch(`${demo.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...demo.client(),
        grant_type: 'refresh_token',
        refresh_token: demo.refreshToken(),
      }),
    });
    expect(refreshed.status).toBe(400);
    expect(await refreshed.text()).toContain('invalid_grant');
  });
});
