import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { returnUrl } from '../src/login/return-to.ts';

const origin = 'https://app.example';

/** Values that have caused open redirects in other software. `H` is the target host. */
const forms = JSON.parse(
  readFileSync(join(import.meta.dirname, 'redirect-corpus.json'), 'utf8'),
) as string[];

const hosts = [
  'evil.example',
  'evil.example:443',
  '1.2.3.4',
  '16909060',
  '[::ffff:1.2.3.4]',
  'xn--e1awd7f',
];

const corpus = forms
  .flatMap((form) => hosts.map((host) => form.replaceAll('H', host)))
  .flatMap((given) => [given, given.toUpperCase(), `${given}/`, `${given}?x=${given}`]);

/** Whether a browser, or code that resolves the path again, would leave the origin. */
const leaves = (url: string): boolean => {
  const { origin: led, pathname, search, hash } = new URL(url);
  const again = new URL(pathname + search + hash, origin).origin;
  return led !== origin || again !== origin || /[\\\s]/.test(url);
};

test('BFF-09: no known open redirect leaves the origin', () => {
  expect(new Set(corpus).size).toBeGreaterThan(3_000);
  const led = corpus.map((given) => ({ given, url: returnUrl(given, origin) }));
  expect(led.filter(({ url }) => url !== null && leaves(url))).toStrictEqual([]);
  expect(leaves('https://evil.example/')).toBe(true);
  expect(leaves(`${origin}//evil.example/`)).toBe(true);
});

test('BFF-09: a plain path is accepted', () => {
  for (const given of [
    '/@evil.example',
    '/:evil.example',
    '/?//evil.example',
    '/#//evil.example',
  ]) {
    expect(returnUrl(given, origin)).toBe(origin + given);
  }
});
