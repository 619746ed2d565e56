import { join } from 'node:path';
import { freePort } from '@pawl/servers';
import { type Camera, createCamera, openPage as openPageWithin } from 'page-kit/chromium';
import type { BrowserContext, Page } from 'playwright-core';
import type { Config } from '../../src/config.ts';
import { type StartedDemo, start } from '../harness/demo.ts';
import type { StoreName } from '../harness/store.ts';

export { launchChromium, timelineOf } from 'page-kit/chromium';

/** Starts a demo that browsers reach at the origin that it is configured with. */
export const startForBrowsers = async (
  own: Partial<Config> = {},
  store: StoreName = 'memory',
  options: Parameters<typeof start>[2] = {},
): Promise<StartedDemo & { readonly origin: string }> => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const demo = await start({ settlePeriod: 400, ...own, port, origin }, store, options);
  return { ...demo, origin };
};

/** Opens the page. An error in its scripts fails the test. */
export const openPage = (context: BrowserContext, origin: string): Promise<Page> =>
  openPageWithin(context, origin, 8_000);

export const password = 'correct horse battery';

const fill = async (page: Page, name: string): Promise<void> => {
  await page.getByLabel('Name', { exact: true }).first().fill(name);
  await page.getByLabel('Password', { exact: true }).first().fill(password);
};

export const signUp = async (page: Page, name = 'ann'): Promise<void> => {
  await fill(page, name);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'This session' }).waitFor();
  await page.getByText('live', { exact: true }).waitFor();
};

export const signIn = async (page: Page, name = 'ann'): Promise<void> => {
  await fill(page, name);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'This session' }).waitFor();
  await page.getByText('live', { exact: true }).waitFor();
};

/** Takes a screenshot, into `.screenshots` or, if the README shows it, into `docs`. */
export const takePicture: Camera = createCamera(join(import.meta.dirname, '../..'), [
  'signed-in-light',
  'reuse-dark',
]);
