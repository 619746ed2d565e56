import type { HttpRequest } from '@pawl/http';
import { headerLines } from '@pawl/http/extension';

/** A cookie of a request. */
export interface CookiePair {
  readonly name: string;
  readonly value: string;
}

/** Returns the cookies of a request whose name begins with `prefix`, in the order of the header. */
export const readCookiePairs = (request: HttpRequest, prefix: string): readonly CookiePair[] =>
  headerLines(request, 'cookie')
    .join(';')
    .split(';')
    .flatMap((pair) => {
      const equals = pair.indexOf('=');
      const name = trim(pair.slice(0, Math.max(equals, 0)));
      return name.startsWith(prefix) && equals > 0
        ? [{ name, value: trim(pair.slice(equals + 1)) }]
        : [];
    });

/** Removes spaces and tabs only (RFC 6265bis § 5.6). */
const trim = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');
