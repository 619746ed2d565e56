import { HttpError } from '../http-error.ts';
import type { CsrfRefusal } from './verdict.ts';

/** What each refusal says to the developer: what was missing or not listed, and which option helps. */
const messages: Readonly<Record<CsrfRefusal, string>> = {
  cross_site:
    'the request came from another site (Sec-Fetch-Site): its origin must be in allowedOrigins, and cookies.sameSite None',
  same_site:
    'the request came from another origin of this site (Sec-Fetch-Site): its origin is not in allowedOrigins',
  not_navigation: 'the request belongs to no page (Sec-Fetch-Site: none), and is no page load',
  fetch_site: 'the request has an unknown Sec-Fetch-Site',
  origin: 'the request has an Origin that is neither the option origin nor in allowedOrigins',
  referer: 'the request has a Referer that is neither of the option origin nor of allowedOrigins',
  missing_origin:
    'the request has none of Sec-Fetch-Site, Origin and Referer: missingOrigin must be allow',
  missing_header: 'the request lacks the header that the option requiredHeader names',
};

/** Thrown when a request may not use cookies. Its message is for a developer, and may be sent. */
export class CsrfError extends HttpError {
  readonly reason: CsrfRefusal;

  constructor(reason: CsrfRefusal) {
    super('ERR_CSRF', messages[reason]);
    this.reason = reason;
  }
}

/** Returns what a client may be told about an error `ERR_CSRF`; undefined for any other error. */
export const csrfMessage = (error: object): string | undefined =>
  'reason' in error && Object.hasOwn(messages, String(error.reason))
    ? messages[error.reason as CsrfRefusal]
    : undefined;
