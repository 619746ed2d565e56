import type { IncomingMessage } from 'node:http';
import { rememberNames } from './header-names.ts';
import { canonicalName, isHopByHop, namedByConnection } from './hop-by-hop.ts';

/**
 * What the API must not see, or must not believe: the browser's credentials, every
 * header in which somebody claims to be a proxy, and what only concerns this origin.
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

/** The canonical name of a header that may go up; empty for one that never does. */
const passing = rememberNames((name) => {
  const canonical = canonicalName(name);
  if (isHopByHop(canonical) || isWithheld(canonical) || name.startsWith(':')) return '';
  // In any other spelling it would be a second opinion about where the body ends.
  return canonical === 'content-length' && name.includes('_') ? '' : canonical;
});

/**
 * The headers that go up, names and values in turn: without the client's credentials,
 * hop-by-hop headers, whatever `Connection` names and every claim about who asks.
 * Names are compared in one form, so that no spelling slips through; ours are added last.
 */
export const requestHeaders = (
  { rawHeaders, headers }: Pick<IncomingMessage, 'rawHeaders' | 'headers'>,
  added: ReadonlySet<string>,
): string[] => {
  const named = namedByConnection(headers.connection);
  const sent: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const canonical = passing(name);
    if (canonical === '') continue;
    // How long the body is stays said, whoever names it for removal.
    if (canonical !== 'content-length' && (named.has(canonical) || added.has(canonical))) continue;
    sent.push(name, rawHeaders[i + 1] as string);
  }
  return sent;
};
