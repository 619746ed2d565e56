import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { launchChromium } from '../browser/chromium.ts';
import { galleryRoutes } from './gallery.ts';
import { type Exchange, Gate, startProxy } from './proxy.ts';
import {
  elevenMinutes,
  logIn,
  loseResponses,
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

const rotates = ({ successors }: Exchange): boolean => successors.length > 0;
const minute = 60_000;

describe.for(frameworks)('without script, in Chromium and %s', { timeout: 60_000 }, (framework) => {
  test.for([
    ['at once', 0],
    ['a minute later', minute],
    ['a day later', 24 * 60 * minute],
  ] as const)(
    'the response with the next cookie is lost, and the user comes back %s',
    async ([, pause]) => {
      await using service = await startProxied({ framework });
      const { origin } = service;
      const page = await logIn(service, context);
      service.demo.wait(elevenMinutes);
      await loseResponses(service, page);
      service.demo.wait(pause);
      await openKnown(page, origin);
      await openKnown(page, origin);
      expect(service.count('session.rotated')).toBe(1);
    },
  );

  test('the response with the next cookie is lost, five times in a row', async () => {
    await using service = await startProxied({ framework });
    const page = await logIn(service, context);
    for (let rotations = 1; rotations <= 5; rotations++) {
      service.demo.wait(elevenMinutes);
      await loseResponses(service, page);
      await openKnown(page, service.origin);
      expect(service.count('session.rotated')).toBe(rotations);
    }
  });

  test.for([0, 2 * minute])(
    'the response with the next cookie comes after those to later requests, %i ms late',
    async (delay) => {
      await using service = await startProxied({ framework });
      const { proxy, origin } = service;
      const page = await logIn(service, context);
      const tab = await context.newPage();
      service.demo.wait(elevenMinutes);
      const gate = new Gate();
      let held: Exchange | undefined;
      proxy.network.onResponse = async (exchange) => {
        if (rotates(exchange) && !held) {
          held = exchange;
          await gate.pass();
        }
        return true;
      };
      const slow = openKnown(page, origin, 1);
      await gate.arrived;
      await openKnown(tab, origin);
      await openKnown(tab, origin);
      service.demo.wait(delay);
      gate.open();
      await slow;
      for (const each of [page, tab]) await openKnown(each, origin);
      expect(service.count('session.rotated')).toBe(1);
    },
  );

  test.for([
    ['within the grace period', 0, 200],
    ['after it', minute, 303],
  ] as const)(
    'a request with the old cookie arrives %s, when the next one is in use',
    async ([, delay, status]) => {
      await using service = await startProxied({ framework });
      const { proxy, origin } = service;
      const page = await logIn(service, context);
      const tab = await context.newPage();
      service.demo.wait(elevenMinutes);
      const gate = new Gate();
      let held: Exchange | undefined;
      proxy.network.onRequest = async (exchange) => {
        if (held) return;
        held = exchange;
        await gate.pass();
      };
      const slow = openKnown(page, origin, 1);
      await gate.arrived;
      await openKnown(tab, origin);
      await openKnown(tab, origin);
      service.demo.wait(delay);
      gate.open();
      await slow;
      expect(held).toMatchObject({ status, successors: [] });
      for (const each of [page, tab]) await openKnown(each, origin);
      expect(service.count('session.rotated')).toBe(1);
    },
  );

  test('six responses with the next cookie arrive in the opposite order, three rotations long', async () => {
    await using proxy = await startProxy();
    const routes = galleryRoutes(proxy.origins, 6);
    await using service = await startProxied({ framework }, { proxy, routes });
    const page = await logIn(service, context);
    for (let rotations = 1; rotations <= 3; rotations++) {
      service.demo.wait(elevenMinutes);
      const held: { readonly exchange: Exchange; readonly gate: Gate }[] = [];
      proxy.network.onResponse = async (exchange) => {
        if (!exchange.path.startsWith('/picture/')) return true;
        const gate = new Gate();
        held.unshift({ exchange, gate });
        if (held.length === 6) void openInTurn(held);
        await gate.pass();
        return true;
      };
      await page.goto(`${service.origin}/gallery`);
      expect(held).toHaveLength(6);
      expect(held.every(({ exchange }) => exchange.status === 200 && rotates(exchange))).toBe(true);
      await openKnown(page, service.origin);
      expect(service.count('session.rotated')).toBe(rotations);
    }
  });
});

const openInTurn = async (
  held: readonly { readonly exchange: Exchange; readonly gate: Gate }[],
): Promise<void> => {
  for (const { exchange, gate } of held) {
    gate.open();
    await exchange.delivered;
  }
};
