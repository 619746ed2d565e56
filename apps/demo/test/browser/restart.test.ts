import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@pawl/servers';
import { expect, test } from 'vitest';
import { start } from '../harness/demo.ts';
import { launchChromium, openPage, signUp } from './chromium.ts';

test('a restart loses nothing of a page that is signed in', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-demo-'));
  const browser = await launchChromium();
  try {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const file = `sqlite:${join(folder, 'demo.db')}`;
    const settings = { port, origin, store: file, users: file, secret: null, settlePeriod: 300 };
    const before = await start(settings);
    const context = await browser.newContext();
    const page = await openPage(context, origin);
    await signUp(page);
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await page.getByText('Rotated: generation 0 → 1').waitFor();
    await before[Symbol.asyncDispose]();
    await page.getByText('not connected').waitFor();
    await page.getByText('The service does not respond.').waitFor();

    await using _after = await start(settings);
    await page.getByText('live', { exact: true }).waitFor({ timeout: 10_000 });
    await page.getByText('The service does not respond.').waitFor({ state: 'hidden' });
    // An unknown generation is not invented.
    const tab = await openPage(context, origin);
    await tab.getByText('live', { exact: true }).waitFor();
    expect(await tab.locator('#generation').textContent()).toBe('–');
    await tab.close();
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await page.getByText('Rotated: generation 1 → 2').waitFor();
    expect(await page.getByText('You were signed out.').isVisible()).toBe(false);
    // The page keeps the entries that it received before the restart.
    expect(await page.getByText('Signed in', { exact: true }).isVisible()).toBe(true);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
});
