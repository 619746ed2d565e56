import { join } from 'node:path';
import { Hono } from 'hono';
import { loadSite, siteHeaders } from 'page-kit/site';

const folder = join(import.meta.dirname, '../page');

/** Returns the page with its files, and the settings with the provider's sign-out page. */
export const pageRoutes = async (issuer: string): Promise<Hono> => {
  const common = siteHeaders("'none'");
  const app = new Hono();
  for (const { path, headers, content } of await loadSite(folder, common)) {
    app.get(path, (c) => c.body(content, 200, headers));
  }
  app.get('/settings', (c) => c.json({ provider_sign_out: `${issuer}/session/end` }, 200, common));
  return app;
};
