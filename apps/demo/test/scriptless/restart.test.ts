import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { launchChromium } from '../browser/chromium.ts';
import { createStoppedClock } from '../harness/clock.ts';
import { startProxy } from './proxy.ts';
import {
  elevenMinutes,
  logIn,
  loseResponses,
  openKnown,
  openScriptless,
  startProxied,
} from './service.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), 'pawl-demo-'));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

describe.for(frameworks)('without script, in Chromium and %s', { timeout: 60_000 }, (framework) => {
  test('a restart loses nobody, not even between a rotation and its response', async () => {
    const file = `sqlite:${join(folder, `${framework}.db`)}`;
    // The keys are kept beside the database.
    const settings = { framework, store: file, users: file, secret: null };
    const clock = createStoppedClock();
    await using proxy = await startProxy();
    const context = await openScriptless(browser);
    const before = await startProxied(settings, { proxy, clock });
    const page = await logIn(before, context);
    clock.wait(elevenMinutes);
    await openKnown(page, before.origin);
    clock.wait(elevenMinutes);
    await loseResponses(before, page);
    expect(before.count('session.rotated')).toBe(2);
    await before[Symbol.asyncDispose]();

    await using after = await startProxied(settings, { proxy, clock });
    await openKnown(page, after.origin);
    await openKnown(page, after.origin);
    expect(after.count('session.rotated')).toBe(0);
    clock.wait(elevenMinutes);
    await openKnown(page, after.origin);
    expect(after.count('session.rotated')).toBe(1);
    await context.close();
  });
});
