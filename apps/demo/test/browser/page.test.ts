import { tryInlineScript } from 'page-kit/chromium';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import {
  launchChromium,
  openPage,
  password,
  signIn,
  signUp,
  startForBrowsers,
} from './chromium.ts';

let browser: Browser;
let first: BrowserContext;
let second: BrowserContext;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());
beforeEach(async () => {
  [first, second] = await Promise.all([browser.newContext(), browser.newContext()]);
});
afterEach(async () => {
  await Promise.all([first.close(), second.close()]);
});

describe('in Chromium', { timeout: 60_000 }, () => {
  test.for(frameworks)(
    '%s: from sign-up to a revocation that signs out the open page',
    async (framework) => {
      await using demo = await startForBrowsers({ framework });
      const page = await openPage(first, demo.origin);
      await signUp(page);
      const other = await openPage(second, demo.origin);
      await signIn(other);

      const devices = page.locator('#devices li');
      await devices.nth(1).waitFor();
      expect(await devices.count()).toBe(2);
      expect(await devices.first().textContent()).toContain('this device');
      const told = other.getByText('You were signed out.').waitFor();
      await devices.nth(1).getByRole('button').click();
      await page.getByText('That device is signed out.').waitFor();
      const revokedAt = performance.now();
      await expect.poll(() => devices.count()).toBe(1);

      // The other page shows it without a click.
      await told;
      expect(performance.now() - revokedAt).toBeLessThan(1_000);
      expect(await other.getByRole('alert').textContent()).toContain('from another device');
      await other.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
      await expect.poll(() => second.cookies()).toEqual([]);
      expect(await page.getByRole('heading', { name: 'This session' }).isVisible()).toBe(true);
    },
  );

  test('all other devices are signed out at once', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(first, demo.origin);
    await signUp(page);
    const other = await openPage(second, demo.origin);
    await signIn(other);
    await page.getByRole('button', { name: 'Sign out all others' }).click();
    await other.getByText('You were signed out.').waitFor();
    await expect.poll(() => page.locator('#devices li').count()).toBe(1);
  });

  test('scripts cannot read the cookies', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(first, demo.origin);
    await signUp(page);
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await page.getByText('Rotated: generation 0 → 1').waitFor();
    const cookies = await first.cookies(demo.origin);
    expect(cookies.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject([
      { name: 'access_token', httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' },
      { name: 'refresh_token', httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost' },
    ]);
    expect(await page.evaluate('document.cookie')).toBe('');
    const everything = await page.evaluate(
      'JSON.stringify(localStorage) + document.body.innerHTML',
    );
    expect(everything).not.toMatch(/pawl_(at|rt)_/);
  });

  test('the content security policy stops inline scripts, and the page works with it', async () => {
    await using demo = await startForBrowsers();
    const page = await first.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    const response = await page.goto(demo.origin);
    expect(await response?.headerValue('content-security-policy')).toContain("default-src 'none'");
    await signUp(page);
    expect(complaints).toEqual([]);
    expect(await tryInlineScript(page)).toBeUndefined();
    expect(complaints.join()).toContain('Content Security Policy');
  });

  test('the keyboard is enough to sign up, race and sign out', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(first, demo.origin);
    const pressTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate('document.activeElement.id')) === name) return;
      }
      throw new Error(`Tab did not reach #${name}`);
    };
    await pressTo('username');
    await page.keyboard.type('ann');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('live', { exact: true }).waitFor();
    await pressTo('experiment-tabs');
    await page.keyboard.press('Space');
    await page.getByText('Five responses').waitFor();
    await pressTo('sign-out');
    await page.keyboard.press('Enter');
    await page.getByText('You are signed out.').waitFor();
    expect(await first.cookies()).toEqual([]);
  });

  test('a code signs in; a key is shown once; the account is deleted after a step-up', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(first, demo.origin);
    await signUp(page);
    await page.getByText('API keys').click();
    await page.getByLabel('Name of a new key').fill('ci');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.locator('#new-key', { hasText: 'pawl_ak_' }).waitFor();
    await page.getByRole('button', { name: 'Revoke ci' }).waitFor();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByText('You are signed out.').waitFor();
    expect(await page.locator('#new-key').textContent()).toBe('');

    await page.getByText('Sign in with a code instead').click();
    await page.locator('#code-username').fill('ann');
    await page.getByRole('button', { name: 'Send a code' }).click();
    await page.getByText('a code is on its way').waitFor();
    await page.getByLabel('Code', { exact: true }).fill(demo.codes[0] ?? '');
    await page.getByRole('button', { name: 'Sign in with the code' }).click();
    await page.getByText('live', { exact: true }).waitFor();

    await page.getByText('Delete the account').click();
    await page.locator('#delete-password').fill('wrong password');
    await page.getByRole('button', { name: 'Delete my account' }).click();
    await page.getByText('The current password is wrong.').waitFor();
    await page.locator('#delete-password').fill(password);
    await page.getByRole('button', { name: 'Delete my account' }).click();
    await page.getByText('The account is deleted.').waitFor();
    expect(await first.cookies()).toEqual([]);
  });

  test('a key that is made long after the login needs the password', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(first, demo.origin);
    await signUp(page);
    demo.wait(6 * 60_000);
    await page.getByText('API keys').click();
    await page.getByLabel('Name of a new key').fill('ci');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Enter the password again.').waitFor();
    await page.locator('#key-password').fill(password);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.locator('#new-key', { hasText: 'pawl_ak_' }).waitFor();
    expect(await page.locator('#key-password').isVisible()).toBe(false);

    await page.getByText('Change the password').click();
    await page.locator('#current-password').fill(password);
    await page.locator('#new-password').fill('stapled horse battery');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The password is changed.').waitFor();
    await expect.poll(() => page.locator('#keys li').count()).toBe(0);
  });

  test('an access token is refreshed before it expires, without the user', async () => {
    await using demo = await startForBrowsers({ accessTokenLifetime: 12_000 });
    const page = await openPage(first, demo.origin);
    await signUp(page);
    await page.getByText('Rotated: generation 0 → 1').waitFor({ timeout: 20_000 });
    expect(await page.getByText('You were signed out.').isVisible()).toBe(false);
  });

  test('an access token that expired while the page was closed is refreshed', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(first, demo.origin);
    await signUp(page);
    await page.goto('about:blank');
    demo.wait(20 * 60_000);
    await page.goto(demo.origin);
    await page.getByText('Rotated: generation 0 → 1').waitFor();
    expect(await page.locator('#user-name').textContent()).toBe('ann');
  });
});
