import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium, openPage, signIn, signUp, startForBrowsers } from './chromium.ts';

let browser: Browser;
let context: BrowserContext;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());
beforeEach(async () => {
  context = await browser.newContext();
});
afterEach(() => context.close());

const untilLive = (page: Page): Promise<void> => page.getByText('live', { exact: true }).waitFor();

const setVisibility = (page: Page, state: 'hidden' | 'visible'): Promise<unknown> =>
  page.evaluate(`{
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
    document.dispatchEvent(new Event('visibilitychange'));
  }`);

describe('in Chromium', { timeout: 60_000 }, () => {
  test('another user signs in in another tab: this tab follows, and signs nobody out', async () => {
    await using demo = await startForBrowsers();
    const [page, tab] = [
      await openPage(context, demo.origin),
      await openPage(context, demo.origin),
    ] as const;
    await signUp(page, 'ann');
    await signUp(tab, 'bob');
    await expect.poll(() => page.locator('#user-name').textContent()).toBe('bob');
    for (const each of [page, tab]) {
      await untilLive(each);
      await each.reload();
      await untilLive(each);
      expect(await each.locator('#user-name').textContent()).toBe('bob');
    }
    expect(demo.lines.filter((line) => line.includes('"reason":"logout"'))).toEqual([]);
  });

  test('a hidden tab closes its stream, and catches up when it is shown', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await page.clock.install();
    await signUp(page);
    await setVisibility(page, 'hidden');
    await page.clock.runFor(9_000);
    await untilLive(page);
    await page.clock.runFor(2_000);
    await page.getByText('not connected').waitFor();
    await setVisibility(page, 'visible');
    await untilLive(page);

    await setVisibility(page, 'hidden');
    await page.clock.runFor(11_000);
    await page.getByText('not connected').waitFor();
    const elsewhere = await browser.newContext();
    const other = await openPage(elsewhere, demo.origin);
    await signIn(other);
    await other.getByRole('button', { name: 'Sign out all others' }).click();
    await other.getByText('All other devices are signed out.').waitFor();
    await setVisibility(page, 'visible');
    await page.getByText('The session ended while this page was away.').waitFor();
    expect(await page.locator('#user-name').isVisible()).toBe(false);
    await elsewhere.close();
  });

  test('eight tabs do not use up the browser’s connections', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await page.clock.install();
    await signUp(page);
    for (let tabs = 0; tabs < 7; tabs++) {
      const tab = await context.newPage();
      await tab.clock.install();
      await tab.goto(demo.origin);
      await untilLive(tab);
      await setVisibility(tab, 'hidden');
      await tab.clock.runFor(11_000);
    }
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await page.getByText('Rotated: generation 0 → 1').waitFor();
    expect(context.pages()).toHaveLength(8);
  });

  test('the focus stays near the keyboard’s position when the button is removed', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await signUp(page);
    const elsewhere = await browser.newContext();
    await signIn(await openPage(elsewhere, demo.origin));
    const focused = (): Promise<unknown> => page.evaluate('document.activeElement.id');
    await page.getByRole('button', { name: 'Sign out Chrome' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('That device is signed out.').waitFor();
    await expect.poll(focused).toBe('devices-title');

    await signIn(await openPage(elsewhere, demo.origin));
    await page.getByRole('button', { name: 'Sign out all others' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('All other devices are signed out.').waitFor();
    await expect.poll(focused).toBe('devices-title');
    await elsewhere.close();
  });

  test('if the service does not respond to a button, the page shows it, and nobody is signed out', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await signUp(page);
    await page.getByText('Change the password').click();
    await page.locator('#current-password').fill('correct horse battery');
    await page.locator('#new-password').fill('stapled horse battery');
    await page.route('**/change-password', (route) => route.abort());
    // Any response would hide the notice again, so the list of devices gets none.
    await page.route('**/sessions', () => {});
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The service does not respond.').waitFor();
    expect(await page.getByRole('heading', { name: 'This session' }).isVisible()).toBe(true);
    await page.unrouteAll();
    await page.getByText('The service does not respond.').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The password is changed.').waitFor();
  });

  test('a service that cannot send codes does not offer them', async () => {
    await using demo = await startForBrowsers({}, 'memory', { deliverCode: null });
    const page = await openPage(context, demo.origin);
    await page.getByRole('button', { name: 'Create account' }).waitFor();
    await expect.poll(() => page.getByText('Sign in with a code instead').isVisible()).toBe(false);
  });
});
