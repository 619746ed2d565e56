import { ConfigurationError } from '@pawl/core';
import { parseOrigin, validateOrigin } from '../origin.ts';
import { type HttpRequest, singleHeader } from '../request.ts';

/** Where cookie-authenticated requests may come from. */
export interface CsrfOptions {
  /** Origins beside the service's own: a front end on another host or port. Default none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * What to do with a request that carries none of Sec-Fetch-Site, Origin and
   * Referer: no current browser sends one, programs do. Default `deny`.
   */
  readonly missingOrigin?: 'deny' | 'allow' | undefined;
  /**
   * A header that every request with a cookie must carry with the value `1`, such as
   * `X-BFF`: another site cannot send it without a preflight. The check of the origin
   * then covers safe methods too. A WebSocket upgrade, which can carry no such header, is
   * checked by its origin alone. Default none.
   */
  readonly requiredHeader?: string | undefined;
}

/** Why a request is taken for one that another site made. */
export type CsrfRefusal =
  | 'cross_site'
  | 'same_site'
  | 'not_navigation'
  | 'fetch_site'
  | 'origin'
  | 'referer'
  | 'missing_origin'
  | 'missing_header';

/** Answers why an unsafe request is not to be trusted with cookies, or null. */
export type CsrfCheck = (request: HttpRequest) => CsrfRefusal | null;

const headerForm = /^[a-z0-9-]{1,64}$/i;

/**
 * Sec-Fetch-Site, then Origin, then Referer, else block. Own origins come from
 * the configuration: a Host header says what the client likes.
 *
 * @throws ConfigurationError, naming the option.
 */
export const createCsrfCheck = (
  origin: URL,
  { allowedOrigins = [], missingOrigin = 'deny', requiredHeader }: CsrfOptions,
): CsrfCheck => {
  if (missingOrigin !== 'deny' && missingOrigin !== 'allow') {
    throw new ConfigurationError('missingOrigin', 'must be deny or allow');
  }
  if (requiredHeader !== undefined && !headerForm.test(requiredHeader)) {
    throw new ConfigurationError('requiredHeader', 'must be the name of a header');
  }
  const marker = requiredHeader?.toLowerCase();
  const others = allowedOrigins.map(
    (allowed, index) => validateOrigin(`allowedOrigins[${index}]`, allowed).origin,
  );
  const trusted = new Set([origin.origin, ...others]);

  const isTrustedOrigin = (text: string): boolean => {
    // As every browser writes it, there is nothing to parse.
    if (trusted.has(text)) return true;
    const url = parseOrigin(text);
    return url !== null && trusted.has(url.origin);
  };
  const isTrustedUrl = (text: string): boolean =>
    /^https?:/i.test(text) && URL.canParse(text) && trusted.has(new URL(text).origin);

  return (request) => {
    if (marker !== undefined && singleHeader(request, marker) !== '1' && !isUpgrade(request)) {
      return 'missing_header';
    }
    const sent = singleHeader(request, 'origin');
    switch (singleHeader(request, 'sec-fetch-site')) {
      case 'same-origin':
        return null;
      case 'same-site':
        return sent !== undefined && isTrustedOrigin(sent) ? null : 'same_site';
      case 'cross-site':
        return 'cross_site';
      case 'none':
        // The user's own doing: the address bar, a bookmark, a form sent again.
        return singleHeader(request, 'sec-fetch-mode') === 'navigate' ? null : 'not_navigation';
      case undefined:
        break;
      default:
        return 'fetch_site';
    }
    if (sent !== undefined) return isTrustedOrigin(sent) ? null : 'origin';
    const referer = singleHeader(request, 'referer');
    if (referer !== undefined) return isTrustedUrl(referer) ? null : 'referer';
    return missingOrigin === 'allow' ? null : 'missing_origin';
  };
};

const isUpgrade = (request: HttpRequest): boolean =>
  request.method === 'GET' && singleHeader(request, 'upgrade')?.toLowerCase() === 'websocket';
