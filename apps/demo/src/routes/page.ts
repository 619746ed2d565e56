import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { presets } from '@pawl/core';
import { bundle } from 'look/bundle';
import { readIcon } from 'look/icon';
import type { Service } from '../service.ts';
import { ok, open, type Route } from './route.ts';

const folder = join(import.meta.dirname, '../page');

/** Nothing from elsewhere, nothing inline, and no text that becomes markup. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // It is asked whether there is a newer one: pages and scripts have to fit together.
  'cache-control': 'no-cache',
};

/** The page and what it is made of. */
export const pageRoutes = async ({ config, deliverCode }: Service): Promise<readonly Route[]> => {
  const file = (path: string, type: string, content: string): Route =>
    open('GET', path, () => ({
      status: 200,
      headers: { ...headers, 'content-type': `${type}; charset=utf-8` },
      content,
    }));
  const { html, css, icon, script } = await loadPage();
  return [
    file('/', 'text/html', html),
    file('/page.css', 'text/css', css),
    file('/page.js', 'text/javascript', script),
    file('/icon.svg', 'image/svg+xml', icon),
    open('GET', '/settings', () =>
      ok({
        plays: !config.production,
        codes: deliverCode !== null,
        settle_period: config.settlePeriod ?? presets[config.preset].settlePeriod,
      }),
    ),
  ];
};

interface Page {
  readonly html: string;
  readonly css: string;
  readonly icon: string;
  readonly script: string;
}

let page: Promise<Page> | undefined;

/** Read and put together once per process. */
const loadPage = (): Promise<Page> => {
  page ??= readPage();
  return page;
};

const readPage = async (): Promise<Page> => {
  const [html, icon, css, script] = await Promise.all([
    readFile(join(folder, 'index.html'), 'utf8'),
    readIcon(),
    bundle(join(folder, 'page.css')),
    bundle(join(folder, 'main.ts')),
  ]);
  return { html, css, icon, script };
};
