/** Chromium for the tests of the pages. */
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

/** Launches Debian's Chromium. It is installed if it is missing and the user may do that. */
export const launchChromium = async (): Promise<Browser> => {
  const executablePath = await provideProgram({ names: ['chromium'], debianPackage: 'chromium' });
  return chromium.launch({ executablePath, headless: true, args: flags, timeout: 90_000 });
};

/**
 * Opens a page. An error in the page's own scripts fails the test.
 *
 * @param timeout in ms, of every step that waits
 */
export const openPage = async (
  context: BrowserContext,
  origin: string,
  timeout: number,
): Promise<Page> => {
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(origin);
  return page;
};

/** Returns the titles of the timeline, newest first. */
export const timelineOf = (page: Page): Promise<string[]> =>
  page.locator('#timeline .title').allTextContents();

/** Tries to run an inline script, as injected markup would. Returns what it set, if it ran. */
export const tryInlineScript = async (page: Page): Promise<unknown> => {
  await page.evaluate(`{
    const script = document.createElement('script');
    try { script.textContent = 'window.injected = true'; } catch {}
    document.body.append(script);
    document.body.setAttribute('style', 'display: none');
  }`);
  return page.evaluate('window.injected');
};

/** Takes a screenshot with a name. */
export type Camera = (page: Page, name: string) => Promise<void>;

/**
 * Returns a function that takes screenshots, into `.screenshots` of an app. With
 * `UPDATE_SCREENSHOTS=1` those that the README shows are written to `docs` instead.
 */
export const createCamera =
  (app: string, inReadme: readonly string[]): Camera =>
  async (page: Page, name: string): Promise<void> => {
    const isUpdate = process.env['UPDATE_SCREENSHOTS'] === '1' && inReadme.includes(name);
    const folder = join(app, isUpdate ? 'docs' : '.screenshots');
    await mkdir(folder, { recursive: true });
    // Neither the pointer nor the scroll position of the last click should be in the picture.
    await page.mouse.move(0, 0);
    await page.evaluate('window.scrollTo(0, 0)');
    await page.screenshot({
      path: join(folder, `${name}.png`),
      animations: 'disabled',
      fullPage: true,
    });
  };
