import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from '../route-table.ts';
import { canonicalName, namedByConnection } from './hop-by-hop.ts';
import { harmlessLinks } from './link.ts';

/**
 * What an API sends is data. Opened as a page, it would run on the origin of the session cookie, so
 * it gets an origin of its own, and loads nothing.
 */
const sandbox = "default-src 'none'; frame-ancestors 'self'; sandbox";

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

/** Returns the headers that are sent to the client, names and values in turn. */
export const responseHeaders = (
  headers: IncomingHttpHeaders,
  route: Route,
  path: string,
): string[] => {
  const named = namedByConnection(headers.connection);
  const sent: string[] = [];
  // Names that undici has parsed are in lower case.
  for (const name of Object.keys(headers)) {
    if (!route.headers.response.has(name) || named.has(canonicalName(name))) continue;
    const value = headers[name];
    if (name === 'location') {
      const rewritten = rewriteLocation(String(value), route, path);
      if (rewritten !== null) sent.push(name, rewritten);
    } else if (name === 'link') {
      const links = harmlessLinks([value].flat().join(', '));
      if (links !== '') sent.push(name, links);
    } else if (typeof value === 'string') sent.push(name, value);
    else for (const line of value ?? []) sent.push(name, line);
  }
  const given: string | string[] | undefined = headers['cache-control'];
  const text = given === undefined ? '' : String(given);
  if (!route.isPublic) sent.push('cache-control', cacheControl(text));
  else if (text !== '') sent.push('cache-control', text);
  // Browsers must not guess another type.
  sent.push('x-content-type-options', 'nosniff');
  if (!route.isDocument) sent.push('content-security-policy', sandbox);
  return sent;
};
