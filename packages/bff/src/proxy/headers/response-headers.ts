import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from '../route-table.ts';
import { cacheByName } from './header-names.ts';
import { canonicalName, isHopByHop, namedByConnection } from './hop-by-hop.ts';

/** Headers by which an API would decide something for the proxy's origin. */
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

/** Directives by which the API itself says whether shared caches may store a response. */
const sharingDirective = /\b(?:public|private|no-store|s-maxage|must-revalidate)\b/i;

/**
 * Shared caches do not store responses to requests with `Authorization` (RFC 9111 § 3.5). The
 * browser's request has none, so the response must say it.
 */
const cacheControl = (given: string): string => {
  if (given === '') return 'no-store';
  return sharingDirective.test(given) ? given : `${given}, private`;
};

/**
 * Returns the `Location` for the browser. Inside the target it goes through the proxy again.
 * Returns null for other places of the API, which the browser cannot reach.
 */
const rewriteLocation = (given: string, route: Route, path: string): string | null => {
  const { prefix, origin, base, rewrite } = route;
  const url = URL.canParse(given, origin + path) ? new URL(given, origin + path) : null;
  if (!url) return null;
  if (url.origin !== origin) return /^https?:$/.test(url.protocol) ? url.href : null;
  const inside = url.pathname === base || url.pathname.startsWith(`${base}/`);
  if (!inside || rewrite) return null;
  const rewritten = prefix + url.pathname.slice(base.length) + url.search + url.hash;
  // Two slashes at the beginning would name a host.
  return rewritten.startsWith('/') && !rewritten.startsWith('//') ? rewritten : null;
};

/** Returns the canonical name of a header that may be sent to the client; empty for any other one. */
const allowedName = cacheByName((name) => {
  const canonical = canonicalName(name);
  return isHopByHop(canonical) || isWithheld(canonical) ? '' : canonical;
});

/** Returns the headers that are sent to the client, names and values in turn. */
export const responseHeaders = (
  headers: IncomingHttpHeaders,
  route: Route,
  path: string,
): string[] => {
  const named = namedByConnection(headers.connection);
  const sent: string[] = [];
  for (const name of Object.keys(headers)) {
    const canonical = allowedName(name);
    if (canonical === '' || named.has(canonical)) continue;
    const value = headers[name];
    if (canonical === 'location') {
      const rewritten = rewriteLocation(String(value), route, path);
      if (rewritten !== null) sent.push(name, rewritten);
    } else if (typeof value === 'string') sent.push(name, value);
    else for (const line of value ?? []) sent.push(name, line);
  }
  const given: string | string[] | undefined = headers['cache-control'];
  const text = given === undefined ? '' : String(given);
  if (!route.isPublic) sent.push('cache-control', cacheControl(text));
  else if (text !== '') sent.push('cache-control', text);
  // Responses of an API are data: browsers must not guess another type.
  sent.push('x-content-type-options', 'nosniff');
  return sent;
};
