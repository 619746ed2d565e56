import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from '../route-table.ts';
import { rememberNames } from './header-names.ts';
import { canonicalName, isHopByHop, namedByConnection } from './hop-by-hop.ts';

/** What an API may not decide, or not alone, for the origin that the browser sees. */
const withheld: ReadonlySet<string> = new Set([
  'alt-svc',
  'cache-control',
  'clear-site-data',
  'dpop-nonce',
  'nel',
  'public-key-pins',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
  'www-authenticate',
  'x-content-type-options',
]);

const isWithheld = (name: string): boolean =>
  withheld.has(name) || name.startsWith('access-control-');

/** Whether an answer to a request with a token may be kept by a cache that many share. */
const saysForWhom = /\b(?:public|private|no-store|s-maxage|must-revalidate)\b/i;

/**
 * The request that the browser made had no `Authorization`, which tells a shared cache
 * to keep nothing (RFC 9111 § 3.5): so the answer has to.
 */
const cacheControl = (given: string): string => {
  if (given === '') return 'no-store';
  return saysForWhom.test(given) ? given : `${given}, private`;
};

/**
 * A redirect is the browser's to follow. Within the target it leads through the
 * proxy again; to another place of the API, which the browser cannot reach, nowhere.
 */
const location = (given: string, route: Route, path: string): string | null => {
  const { prefix, origin, base, rewrite } = route;
  const url = URL.canParse(given, origin + path) ? new URL(given, origin + path) : null;
  if (!url) return null;
  if (url.origin !== origin) return /^https?:$/.test(url.protocol) ? url.href : null;
  const inside = url.pathname === base || url.pathname.startsWith(`${base}/`);
  if (!inside || rewrite) return null;
  const led = prefix + url.pathname.slice(base.length) + url.search + url.hash;
  // Two slashes at the beginning would name a host.
  return led.startsWith('/') && !led.startsWith('//') ? led : null;
};

/** The canonical name of a header that may come down; empty for one that never does. */
const passing = rememberNames((name) => {
  const canonical = canonicalName(name);
  return isHopByHop(canonical) || isWithheld(canonical) ? '' : canonical;
});

/** The headers that come down, names and values in turn. */
export const responseHeaders = (
  headers: IncomingHttpHeaders,
  route: Route,
  path: string,
): string[] => {
  const named = namedByConnection(headers.connection);
  const sent: string[] = [];
  for (const name of Object.keys(headers)) {
    const canonical = passing(name);
    if (canonical === '' || named.has(canonical)) continue;
    const value = headers[name];
    if (canonical === 'location') {
      const led = location(String(value), route, path);
      if (led !== null) sent.push(name, led);
    } else if (typeof value === 'string') sent.push(name, value);
    else for (const line of value ?? []) sent.push(name, line);
  }
  const given: string | string[] | undefined = headers['cache-control'];
  const text = given === undefined ? '' : String(given);
  if (!route.isPublic) sent.push('cache-control', cacheControl(text));
  else if (text !== '') sent.push('cache-control', text);
  // What an API answers is data, whatever a browser would like to see in it.
  sent.push('x-content-type-options', 'nosniff');
  return sent;
};
