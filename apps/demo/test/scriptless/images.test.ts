import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { launchChromium } from '../browser/chromium.ts';
import { galleryRoutes } from './gallery.ts';
import { type Exchange, Gate, startProxy } from './proxy.ts';
import { elevenMinutes, logIn, openKnown, openScriptless, startProxied } from './service.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());

const isPicture = ({ path }: Exchange): boolean => path.startsWith('/picture/');

const widths = (page: Page): Promise<unknown> =>
  page
    .locator('img')
    .evaluateAll((images) =>
      images.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    );

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe.for(frameworks)('without script, in Chromium and %s', { timeout: 60_000 }, (framework) => {
  test('twenty images at once, as the cookie is due: twenty times 200, one rotation', async () => {
    // A browser opens six connections to each address.
    await using proxy = await startProxy(4);
    const routes = galleryRoutes(proxy.origins, 20);
    await using service = await startProxied({ framework }, { proxy, routes });
    const context = await openScriptless(browser);
    const page = await logIn(service, context);
    service.demo.wait(elevenMinutes);
    const gate = new Gate(20);
    proxy.network.onRequest = async (exchange) => {
      if (isPicture(exchange)) await gate.pass();
    };
    await page.goto(`${service.origin}/gallery`);
    const pictures = proxy.exchanges.filter(isPicture);
    expect(pictures.map(({ status }) => status)).toEqual(times(20, 200));
    expect(await widths(page)).toEqual(times(20, 8));
    expect(new Set(pictures.map(({ cookie }) => cookie)).size).toBe(1);
    const renewed = pictures.filter(({ successors }) => successors.length > 0);
    expect(new Set(renewed.flatMap(({ successors }) => successors)).size).toBe(1);
    expect(renewed.map(({ cacheControl }) => cacheControl)).toEqual(
      times(renewed.length, 'no-store'),
    );
    expect(service.count('session.rotated')).toBe(1);
    await openKnown(page, service.origin);
    expect(service.count('session.rotated')).toBe(1);
    await context.close();
  });

  test('twenty images over six connections, one after the other', async () => {
    await using proxy = await startProxy();
    const routes = galleryRoutes(proxy.origins, 20);
    await using service = await startProxied({ framework }, { proxy, routes });
    const context = await openScriptless(browser);
    const page = await logIn(service, context);
    service.demo.wait(elevenMinutes);
    await page.goto(`${service.origin}/gallery`);
    const pictures = proxy.exchanges.filter(isPicture);
    expect(pictures.map(({ status }) => status)).toEqual(times(20, 200));
    expect(service.count('session.rotated')).toBe(1);
    await openKnown(page, service.origin);
    await context.close();
  });
});
