import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Hono } from 'hono';
import { bundle } from 'look/bundle';
import { readIcon } from 'look/icon';

const folder = join(import.meta.dirname, '../page');

/** Nothing from elsewhere, nothing inline, and no text that becomes markup. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
};

/** The page, what it is made of, and where it finds the provider's sign-out. */
export const pageRoutes = async (issuer: string): Promise<Hono> => {
  const [html, css, script, icon] = await Promise.all([
    readFile(join(folder, 'index.html'), 'utf8'),
    bundle(join(folder, 'page.css')),
    bundle(join(folder, 'main.ts')),
    readIcon(),
  ]);
  const app = new Hono();
  const file = (path: string, type: string, content: string): void => {
    app.get(path, (c) =>
      c.body(content, 200, { ...headers, 'content-type': `${type}; charset=utf-8` }),
    );
  };
  file('/', 'text/html', html);
  file('/page.css', 'text/css', css);
  file('/page.js', 'text/javascript', script);
  file('/icon.svg', 'image/svg+xml', icon);
  app.get('/settings', (c) => c.json({ provider_sign_out: `${issuer}/session/end` }, 200, headers));
  return app;
};
