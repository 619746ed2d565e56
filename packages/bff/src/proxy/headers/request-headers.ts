import type { IncomingMessage } from 'node:http';
import { cacheByName } from './header-names.ts';
import { canonicalName, namedByConnection } from './hop-by-hop.ts';

const lowerCase = cacheByName((name) => name.toLowerCase());

/**
 * Returns the headers that are sent to the API, names and values in turn: those of the allow list
 * that `Connection` does not list. Another spelling, such as `Accept_Language`, is another name.
 *
 * @param allowed in lower case
 */
export const requestHeaders = (
  { rawHeaders, headers }: Pick<IncomingMessage, 'rawHeaders' | 'headers'>,
  allowed: ReadonlySet<string>,
): string[] => {
  const named = namedByConnection(headers.connection);
  const sent: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const lower = lowerCase(name);
    if (!allowed.has(lower)) continue;
    // `Connection` must not be able to remove the length of the body.
    if (named.size > 0 && lower !== 'content-length' && named.has(canonicalName(lower))) continue;
    sent.push(name, rawHeaders[i + 1] as string);
  }
  return sent;
};
