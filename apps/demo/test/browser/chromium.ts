import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, provideProgram } from '@pawl/servers';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Config } from '../../src/config.ts';
import { type StartedDemo, start } from '../started/demo.ts';
import type { StoreName } from '../started/store.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium, installed where it is missing and that may be done. */
export const launchChromium = async (): Promise<Browser> => {
  const executablePath = await provideProgram({ names: ['chromium'], debianPackage: 'chromium' });
  return chromium.launch({ executablePath, headless: true, args: flags });
};

/** A demo that browsers reach by the origin that it is set up for. */
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

/** Opens the page, and fails the test where the browser reports an error of the page's own. */
export const openPage = async (context: BrowserContext, origin: string): Promise<Page> => {
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(origin);
  return page;
};

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

/** The titles of the timeline, newest first. */
export const timelineOf = (page: Page): Promise<string[]> =>
  page.locator('#timeline .title').allTextContents();

const aside = join(import.meta.dirname, '../../.screenshots');
const documents = join(import.meta.dirname, '../../docs');
/** Those that the README shows. */
const shown: readonly string[] = ['signed-in-light', 'reuse-dark'];

/** Takes a picture to be looked at; with `UPDATE_SCREENSHOTS=1` the README's own are taken anew. */
export const takePicture = async (page: Page, name: string): Promise<void> => {
  const isUpdate = process.env['UPDATE_SCREENSHOTS'] === '1' && shown.includes(name);
  const folder = isUpdate ? documents : aside;
  await mkdir(folder, { recursive: true });
  // Wherever the last click was: neither that nor the pointer is a part of the picture.
  await page.mouse.move(0, 0);
  await page.evaluate('window.scrollTo(0, 0)');
  await page.screenshot({
    path: join(folder, `${name}.png`),
    animations: 'disabled',
    fullPage: true,
  });
};
