import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import {
  launchChromium,
  openPage,
  password,
  signIn,
  signUp,
  startForBrowsers,
  timelineOf,
} from './chromium.ts';

const session = { cookies: 'session' } as const;

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

/** Counts the requests of the page for a path. */
const countRequests = (page: Page, path: string): (() => number) => {
  let count = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === path) count++;
  });
  return () => count;
};

describe('the page with a session cookie, in Chromium', { timeout: 60_000 }, () => {
  test.for(frameworks)('%s: ordinary requests rotate it, without a refresh', async (framework) => {
    await using demo = await startForBrowsers({ ...session, framework, settlePeriod: 0 });
    const page = await openPage(context, demo.origin);
    const refreshes = countRequests(page, '/refresh');
    await signUp(page);
    expect(await context.cookies()).toMatchObject([
      { name: 'session', httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' },
    ]);
    for (let turn = 0; turn < 3; turn++) {
      demo.wait(11 * 60_000);
      await page.getByText(`Rotated: generation ${turn} → ${turn + 1}`).waitFor();
    }
    expect(await page.locator('#user-name').textContent()).toBe('ann');
    expect(refreshes()).toBe(0);
    await page.getByRole('button', { name: 'Rotate now' }).click();
    await page.getByText('Rotated: generation 3 → 4').waitFor();
    expect(refreshes()).toBe(1);
  });

  test('a cookie that is due by the clock of the page rotates, and the countdown begins again', async () => {
    await using demo = await startForBrowsers({ ...session, rotateAfter: 6_000 });
    const page = await openPage(context, demo.origin);
    await signUp(page);
    await page.locator('#countdown', { hasText: /in 0:0\d/ }).waitFor();
    await page.getByText('Rotated: generation 0 → 1').waitFor({ timeout: 20_000 });
    await page.locator('#countdown', { hasText: /in 0:0\d/ }).waitFor();
    await page.getByText('Rotated: generation 1 → 2').waitFor({ timeout: 20_000 });
    expect(await page.locator('#user-name').textContent()).toBe('ann');
  });

  test('the experiments: a race, a lost reply and a thief', async () => {
    await using demo = await startForBrowsers({ ...session, rotateAfter: 30_000 });
    const page = await openPage(context, demo.origin);
    await signUp(page);
    await page.getByRole('button', { name: 'Refresh from five tabs at once' }).click();
    await page.getByText('1 rotation, and 4 times the same cookie again').waitFor();
    await page.getByRole('button', { name: 'Lose the reply and retry' }).click();
    await page.getByText('The next request returned the same cookie as the lost reply.').waitFor();
    expect((await timelineOf(page)).slice(0, 2)).toEqual([
      'The reply was lost',
      'Rotated: generation 1 → 2',
    ]);
    await page.getByRole('button', { name: 'Replay a stolen token' }).click();
    await page.getByText('You were signed out.').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('A copied token was used');
    expect((await timelineOf(page)).slice(0, 2)).toEqual([
      'The session has ended',
      'Reuse detected',
    ]);
    await expect.poll(() => context.cookies()).toEqual([]);
  });

  test('password, API keys, step-up and deletion', async () => {
    await using demo = await startForBrowsers(session);
    const page = await openPage(context, demo.origin);
    await signUp(page);
    await page.getByText('Change the password').click();
    await page.locator('#current-password').fill(password);
    await page.locator('#new-password').fill('stapled horse battery');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The password is changed.').waitFor();
    await page.getByText('API keys').click();
    await page.getByLabel('Name of a new key').fill('ci');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.locator('#new-key', { hasText: 'pawl_ak_' }).waitFor();
    await page.getByText('Delete the account').click();
    await page.locator('#delete-password').fill('stapled horse battery');
    await page.getByRole('button', { name: 'Delete my account' }).click();
    await page.getByText('The account is deleted.').waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  test('a session that began on /plain goes on here, and is revoked from another device', async () => {
    await using demo = await startForBrowsers(session);
    await demo.visitor().send('POST', '/register', { username: 'ann', password });
    const page = await openPage(context, `${demo.origin}/plain`);
    await page.getByLabel('Name').fill('ann');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'You are ann.' }).waitFor();
    await page.getByRole('link', { name: 'The page with script' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    const elsewhere = await browser.newContext();
    const other = await openPage(elsewhere, demo.origin);
    await signIn(other);
    await other.getByRole('button', { name: 'Sign out all others' }).click();
    await page.getByText('You were signed out.').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('from another device');
    await elsewhere.close();
  });
});

test('a pair of cookies: /plain sends to the page with script, which renews the access cookie', async () => {
  await using demo = await startForBrowsers();
  await demo.visitor().send('POST', '/register', { username: 'ann', password });
  const page = await openPage(context, `${demo.origin}/plain`);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'You are ann.' }).waitFor();
  demo.wait(20 * 60_000);
  await page.reload();
  await page.getByRole('heading', { name: 'The access cookie has expired.' }).waitFor();
  await page.getByRole('link', { name: 'Open the page with script' }).click();
  await page.getByText('Rotated: generation 0 → 1').waitFor();
  await page.goto(`${demo.origin}/plain`);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('You are ann.');
}, 60_000);
