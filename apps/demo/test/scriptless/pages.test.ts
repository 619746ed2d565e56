import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { launchChromium } from '../browser/chromium.ts';
import { Gate } from './proxy.ts';
import {
  elevenMinutes,
  expectUser,
  logIn,
  openKnown,
  openScriptless,
  startProxied,
} from './service.ts';

let browser: Browser;
let context: BrowserContext;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());
beforeEach(async () => {
  context = await openScriptless(browser);
});
afterEach(() => context.close());

describe.for(frameworks)('without script, in Chromium and %s', { timeout: 60_000 }, (framework) => {
  test('a page that is opened after eleven minutes, and after ten rotations, knows its user', async () => {
    await using service = await startProxied({ framework });
    const page = await logIn(service, context);
    for (let rotations = 1; rotations <= 11; rotations++) {
      service.demo.wait(elevenMinutes);
      await openKnown(page, service.origin);
      expect(service.count('session.rotated')).toBe(rotations);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Nobody is logged in.' }).waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  test('reload, back and forward', async () => {
    await using service = await startProxied({ framework });
    const page = await logIn(service, context);
    await page.goto(service.origin);
    service.demo.wait(elevenMinutes);
    await page.goBack();
    await expectUser(page);
    service.demo.wait(elevenMinutes);
    await page.reload();
    await expectUser(page);
    service.demo.wait(elevenMinutes);
    await page.goForward();
    service.demo.wait(elevenMinutes);
    await page.goBack();
    await expectUser(page);
    await openKnown(page, service.origin);
    expect(service.count('session.rotated')).toBe(3);
  });

  test('two tabs that load at the same moment, five times', async () => {
    await using service = await startProxied({ framework });
    const { proxy, origin } = service;
    const tabs = [await logIn(service, context), await context.newPage()];
    for (let rotations = 1; rotations <= 5; rotations++) {
      service.demo.wait(elevenMinutes);
      const gate = new Gate(2);
      proxy.network.onRequest = async ({ path }) => {
        if (path.startsWith('/plain')) await gate.pass();
      };
      const before = proxy.exchanges.length;
      await Promise.all(tabs.map((tab, index) => openKnown(tab, origin, index)));
      const loads = proxy.exchanges.slice(before).filter(({ path }) => path.startsWith('/plain'));
      expect(loads).toHaveLength(2);
      expect(new Set(loads.map(({ cookie }) => cookie)).size).toBe(1);
      expect(service.count('session.rotated')).toBe(rotations);
    }
    proxy.network = {};
    for (const tab of tabs) await openKnown(tab, origin);
  });

  test('two tabs in turn, with a rotation between them', async () => {
    await using service = await startProxied({ framework });
    const tabs = [await logIn(service, context), await context.newPage()];
    for (let turn = 0; turn < 4; turn++) {
      for (const tab of tabs) {
        service.demo.wait(elevenMinutes);
        await openKnown(tab, service.origin);
      }
    }
    expect(service.count('session.rotated')).toBe(8);
  });
});
