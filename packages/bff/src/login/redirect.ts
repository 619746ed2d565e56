import type { HttpResponse } from '@pawl/http';
import { noStore } from '@pawl/http/extension';

/**
 * Returns a 303 redirect, whatever the method of the request was (RFC 9700 § 4.12). It sends no
 * referrer: the URL of a callback holds a code that the next page must not see.
 */
export const seeOther = (location: string, cookies: readonly string[]): HttpResponse => ({
  status: 303,
  headers: { ...noStore, location, 'referrer-policy': 'no-referrer' },
  cookies,
});
