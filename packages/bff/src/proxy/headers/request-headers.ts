import type { IncomingMessage } from 'node:http';
import { cacheByName } from './header-names.ts';
import { canonicalName, isHopByHop, namedByConnection } from './hop-by-hop.ts';

/**
 * Headers that the API must not see, or must not trust: the browser's credentials, all headers
 * in which the client could pretend to be a proxy, and those that concern only this origin.
 */
const withheld: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'cookie2',
  'dpop',
  'expect',
  'forwarded',
  'host',
  'origin',
  'referer',
  'via',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'true-client-ip',
  'x-bff',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);

const isWithheld = (name: string): boolean =>
  withheld.has(name) || name.startsWith('x-forwarded') || name.startsWith('sec-');

/** Returns the canonical name of a header that may be sent to the API; empty for any other one. */
const allowedName = cacheByName((name) => {
  const canonical = canonicalName(name);
  if (isHopByHop(canonical) || isWithheld(canonical) || name.startsWith(':')) return '';
  // In another spelling, an API could read a second body length from it.
  return canonical === 'content-length' && name.includes('_') ? '' : canonical;
});

/**
 * Returns the headers that are sent to the API, names and values in turn: without the client's
 * credentials, hop-by-hop headers, headers that `Connection` lists and headers about the client's
 * address. Names are compared in canonical form, so that no other spelling passes.
 *
 * @param ownHeaders canonical names of headers that the proxy itself adds
 */
export const requestHeaders = (
  { rawHeaders, headers }: Pick<IncomingMessage, 'rawHeaders' | 'headers'>,
  ownHeaders: ReadonlySet<string>,
): string[] => {
  const named = namedByConnection(headers.connection);
  const sent: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const canonical = allowedName(name);
    if (canonical === '') continue;
    // `Connection` must not be able to remove the length of the body.
    if (canonical !== 'content-length' && (named.has(canonical) || ownHeaders.has(canonical)))
      continue;
    sent.push(name, rawHeaders[i + 1] as string);
  }
  return sent;
};
