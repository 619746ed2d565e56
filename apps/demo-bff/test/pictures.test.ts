import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, openPage, signIn, takePicture } from './chromium.ts';
import { start } from './started.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());

const looks = [
  { name: 'light', colorScheme: 'light', width: 1_100, height: 720 },
  { name: 'dark', colorScheme: 'dark', width: 1_100, height: 720 },
  { name: 'narrow', colorScheme: 'light', width: 360, height: 780 },
] as const;

test.each(looks)(
  'the page and the provider’s pages fit: $name',
  async ({ name, colorScheme, width, height }) => {
    await using demo = await start(4);
    const context = await browser.newContext({ colorScheme, viewport: { width, height } });
    const page = await openPage(context, demo.origin);
    const expectNoSidewaysScrolling = async (): Promise<void> => {
      const scrollWidth = await page.locator('html').evaluate((html) => html.scrollWidth);
      expect(scrollWidth).toBeLessThanOrEqual(width);
    };
    await page.getByRole('link', { name: 'Sign in at the provider' }).waitFor();
    await expectNoSidewaysScrolling();
    await takePicture(page, `signed-out-${name}`);

    await page.goto(`${demo.origin}/bff/login?returnTo=/`);
    await page.getByLabel('Name').waitFor();
    await expectNoSidewaysScrolling();
    await takePicture(page, `provider-${name}`);

    await page.goto(demo.origin);
    await signIn(page, 'ann');
    await page.getByRole('button', { name: 'Call the API' }).click();
    await page.getByText('The API says').waitFor();
    await page.getByText('expired', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'five times at once' }).click();
    await page.getByText('A new token').waitFor();
    await expectNoSidewaysScrolling();
    await takePicture(page, `signed-in-${name}`);

    const provider = await context.newPage();
    await provider.goto(`${demo.issuer}/session/end`);
    await takePicture(provider, `provider-sign-out-${name}`);
    await provider.getByRole('button', { name: 'Sign me out' }).click();
    await page.getByText('You were signed out.').waitFor();
    await expectNoSidewaysScrolling();
    await takePicture(page, `ended-${name}`);
    await context.close();
  },
  60_000,
);
