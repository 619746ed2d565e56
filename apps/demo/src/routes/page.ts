import { join } from 'node:path';
import { loadSite, type SiteFile, siteHeaders } from 'page-kit/site';
import type { Service } from '../service.ts';
import { ok, publicRoute, type Route } from './route.ts';

const folder = join(import.meta.dirname, '../page');

/** Loaded once per process. */
let site: Promise<readonly SiteFile[]> | undefined;

/** Returns the routes of the page and its files. */
export const pageRoutes = async ({
  config,
  identity,
  deliverCode,
}: Service): Promise<readonly Route[]> => {
  site ??= loadSite(folder, siteHeaders("'self'"));
  const files = await site;
  return [
    ...files.map(({ path, headers, content }) =>
      publicRoute('GET', path, () => ({ status: 200, headers, content })),
    ),
    publicRoute('GET', '/settings', () =>
      ok({
        experiments: !config.production,
        codes: deliverCode !== null,
        cookies: config.cookies,
        settle_period: identity.sessions.times.settlePeriod,
        rotate_after: identity.sessions.times.rotateAfter,
      }),
    ),
  ];
};
