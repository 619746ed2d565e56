import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium, openPage, signUp, startForBrowsers, timelineOf } from './chromium.ts';

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

describe('the experiments, in Chromium', { timeout: 60_000 }, () => {
  test('five tabs at once: one rotation, and four times the same pair', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await signUp(page);
    await page.getByRole('button', { name: 'Refresh from five tabs at once' }).click();
    await page.getByText('1 rotation, and 4 times the same pair of tokens again').waitFor();
    const titles = await timelineOf(page);
    expect(titles.slice(-2)).toEqual(['Rotated: generation 0 → 1', 'Signed in']);
    // The browser decides how many requests carry the old token.
    const again = titles.slice(0, -2).join();
    expect(again).toMatch(/^((The same successor|Nothing to do)[^,]*(, \d times)?,?)+$/);
    expect(await page.locator('#generation').textContent()).toBe('1');
  });

  test('a lost reply: the retry receives the same tokens, and nobody is signed out', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await signUp(page);
    await page.getByRole('button', { name: 'Lose the reply and retry' }).click();
    await page.getByText('The retry returned the same tokens as the lost reply.').waitFor();
    expect(await timelineOf(page)).toEqual([
      'The same successor',
      'The reply was lost',
      'Rotated: generation 0 → 1',
      'Signed in',
    ]);
  });

  test('a stolen token: reuse is detected, and the page shows why it was signed out', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await signUp(page);
    await page.getByRole('button', { name: 'Replay a stolen token' }).click();
    await page.getByText('You were signed out.').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('A copied token was used');
    expect(await timelineOf(page)).toEqual([
      'The session has ended',
      'Reuse detected',
      'Rotated: generation 1 → 2',
      'Rotated: generation 0 → 1',
      'A thief copied the token',
      'Signed in',
    ]);
  });

  test('two real tabs of one browser refresh at the same moment', async () => {
    await using demo = await startForBrowsers();
    const page = await openPage(context, demo.origin);
    await signUp(page);
    const tab = await openPage(context, demo.origin);
    await tab.getByText('live', { exact: true }).waitFor();
    const button = { name: 'Refresh now' };
    await Promise.all([
      page.getByRole('button', button).click(),
      tab.getByRole('button', button).click(),
    ]);
    for (const each of [page, tab]) {
      await each.getByText('Rotated: generation 0 → 1').waitFor();
      await each.reload();
      await each.getByText('live', { exact: true }).waitFor();
      expect(await each.locator('#user-name').textContent()).toBe('ann');
    }
  });
});
