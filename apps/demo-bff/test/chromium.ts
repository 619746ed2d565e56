import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { provideProgram } from '@pawl/servers';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

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
  return chromium.launch({ executablePath, headless: true, args: flags, timeout: 90_000 });
};

/** Opens the page; an error of the page's own fails the test. */
export const openPage = async (context: BrowserContext, origin: string): Promise<Page> => {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(origin);
  return page;
};

/** From the page to the provider, and back. */
export const signIn = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('link', { name: 'Sign in at the provider' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Sign in and agree' }).click();
  await page.getByRole('heading', { name: 'This session' }).waitFor();
  await page.getByText('live', { exact: true }).waitFor();
};

/** The titles of what the page has seen, newest first. */
export const storyOf = (page: Page): Promise<string[]> =>
  page.locator('#timeline .title').allTextContents();

const aside = join(import.meta.dirname, '../.screenshots');
const documents = join(import.meta.dirname, '../docs');
/** The one that the README shows. */
const shown = 'signed-in-light';

/** Takes a picture to be looked at; with `UPDATE_SCREENSHOTS=1` the README's own is taken anew. */
export const takePicture = async (page: Page, name: string): Promise<void> => {
  const isUpdate = process.env['UPDATE_SCREENSHOTS'] === '1' && name === shown;
  const folder = isUpdate ? documents : aside;
  await mkdir(folder, { recursive: true });
  await page.mouse.move(0, 0);
  await page.screenshot({
    path: join(folder, `${name}.png`),
    animations: 'disabled',
    fullPage: true,
  });
};
