import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { launchChromium } from '../browser/chromium.ts';
import { elevenMinutes, logIn, openKnown, openScriptless, startProxied } from './service.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());

const cases = frameworks.flatMap((framework) =>
  (['owner', 'thief'] as const).map((first) => ({ framework, first })),
);

describe.for(cases)('without script, in Chromium and $framework', { timeout: 60_000 }, (one) => {
  const { framework, first } = one;

  test(`a copied jar of cookies, ${first} first: noticed, and both are logged out`, async () => {
    await using service = await startProxied({ framework });
    const { origin } = service;
    const context = await openScriptless(browser);
    const ownersPage = await logIn(service, context);
    const copy = await openScriptless(browser, context);
    const thiefsPage = await copy.newPage();
    await openKnown(thiefsPage, origin);
    const pages = [ownersPage, thiefsPage] as const;
    const [ahead, behind] = first === 'owner' ? pages : pages.toReversed();
    if (!ahead || !behind) throw new Error('there are two pages');

    for (let rotations = 0; rotations < 2; rotations++) {
      service.demo.wait(elevenMinutes);
      await openKnown(ahead, origin);
      await openKnown(ahead, origin);
    }
    expect(service.count('reuse.detected')).toBe(0);
    for (const page of [behind, ahead]) {
      await page.goto(`${origin}/plain`);
      await page.getByRole('heading', { name: 'Nobody is logged in.' }).waitFor();
      expect(await page.context().cookies()).toEqual([]);
    }
    expect(service.count('reuse.detected')).toBe(1);
    expect(service.count('session.revoked')).toBe(1);
    await Promise.all([context.close(), copy.close()]);
  });
});
