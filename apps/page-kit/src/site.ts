import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { readIcon } from './icon.ts';

/** One file of a page, ready to be sent. */
export interface SiteFile {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
}

/** The headers of all files: no content from other origins, no inline scripts, no markup from text. */
export const siteHeaders = (formAction: "'none'" | "'self'"): Readonly<Record<string, string>> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Browsers ask for a newer version each time, so that page and scripts fit together.
  'cache-control': 'no-cache',
});

/** Reads and bundles the files of a page: `index.html`, `page.css` and `main.ts` of a folder. */
export const loadSite = async (
  folder: string,
  headers: Readonly<Record<string, string>>,
): Promise<readonly SiteFile[]> => {
  const [html, css, script, icon] = await Promise.all([
    readFile(join(folder, 'index.html'), 'utf8'),
    bundle(join(folder, 'page.css')),
    bundle(join(folder, 'main.ts')),
    readIcon(),
  ]);
  const file = (path: string, type: string, content: string): SiteFile => ({
    path,
    headers: { ...headers, 'content-type': `${type}; charset=utf-8` },
    content,
  });
  return [
    file('/', 'text/html', html),
    file('/page.css', 'text/css', css),
    file('/page.js', 'text/javascript', script),
    file('/icon.svg', 'image/svg+xml', icon),
  ];
};
