import type { HttpResponse } from '@pawl/http';
import { noStore } from '@pawl/http/extension';

/**
 * 303, whatever the method was (RFC 9700 § 4.12). The code in the address of a
 * callback is not for the next page to read.
 */
export const seeOther = (location: string, cookies: readonly string[]): HttpResponse => ({
  status: 303,
  headers: { ...noStore, location, 'referrer-policy': 'no-referrer' },
  cookies,
});
