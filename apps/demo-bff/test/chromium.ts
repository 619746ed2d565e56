import { join } from 'node:path';
import { type Camera, createCamera, openPage as openPageWithin } from 'page-kit/chromium';
import type { BrowserContext, Page } from 'playwright-core';

export { launchChromium, timelineOf } from 'page-kit/chromium';

/** Opens the page. An error in its scripts fails the test. */
export const openPage = (context: BrowserContext, origin: string): Promise<Page> =>
  openPageWithin(context, origin, 30_000);

/** Signs in: from the page to the provider, and back. */
export const signIn = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('link', { name: 'Sign in at the provider' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Sign in and agree' }).click();
  await page.getByRole('heading', { name: 'This session' }).waitFor();
  await page.getByText('live', { exact: true }).waitFor();
};

/** Takes a screenshot, into `.screenshots` or, if the README shows it, into `docs`. */
export const takePicture: Camera = createCamera(join(import.meta.dirname, '..'), [
  'signed-in-light',
]);
