import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  launchChromium,
  openPage,
  signIn,
  signUp,
  startForBrowsers,
  takePicture,
} from './chromium.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());

const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

const looks = [
  { name: 'light', colorScheme: 'light', width: 1_200, height: 900 },
  { name: 'dark', colorScheme: 'dark', width: 1_200, height: 900 },
  { name: 'narrow', colorScheme: 'light', width: 320, height: 780 },
] as const;

test.each(looks)(
  'the page fits: $name',
  async ({ name, colorScheme, width, height }) => {
    await using demo = await startForBrowsers();
    const context = await browser.newContext({ colorScheme, viewport: { width, height } });
    const elsewhere = await browser.newContext({ userAgent: phone });
    const page = await openPage(context, demo.origin);
    const expectNoSidewaysScrolling = async (): Promise<void> => {
      const scrollWidth = await page.locator('html').evaluate((html) => html.scrollWidth);
      expect(scrollWidth).toBeLessThanOrEqual(width);
    };

    await expectNoSidewaysScrolling();
    await takePicture(page, `signed-out-${name}`);
    await signUp(page);
    await signIn(await openPage(elsewhere, demo.origin));
    await page.getByText('Safari on iOS').waitFor();
    for (const label of ['Refresh from five tabs at once', 'Lose the reply and retry']) {
      await page.getByRole('button', { name: label }).click();
      await page.locator('button[aria-busy]').waitFor({ state: 'detached' });
    }
    await expectNoSidewaysScrolling();
    await takePicture(page, `signed-in-${name}`);
    await page.getByRole('button', { name: 'Replay a stolen token' }).click();
    await page.getByText('You were signed out.').waitFor();
    await expectNoSidewaysScrolling();
    await takePicture(page, `reuse-${name}`);
    await context.close();
    await elsewhere.close();
  },
  60_000,
);

test.each(looks)(
  'the page with a session cookie and the page without script fit: $name',
  async ({ name, colorScheme, width, height }) => {
    await using demo = await startForBrowsers({ cookies: 'session', rotateAfter: 30_000 });
    const context = await browser.newContext({ colorScheme, viewport: { width, height } });
    const page = await openPage(context, demo.origin);
    const show = async (picture: string): Promise<void> => {
      const scrollWidth = await page.locator('html').evaluate((html) => html.scrollWidth);
      expect(scrollWidth).toBeLessThanOrEqual(width);
      await takePicture(page, `${picture}-${name}`);
    };
    await show('session-signed-out');
    await signUp(page);
    demo.wait(60_000);
    await page.getByText('Rotated: generation 0 → 1').waitFor();
    await show('session-signed-in');
    await page.goto(`${demo.origin}/plain`);
    await show('plain-signed-in');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Nobody is logged in.' }).waitFor();
    await show('plain-signed-out');
    await context.close();
  },
  60_000,
);
