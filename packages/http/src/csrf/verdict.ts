import { ConfigurationError } from '@pawl/core';
import { parseOrigin, validateOrigin } from '../origin.ts';
import { type HttpRequest, singleHeader } from '../request.ts';

/** Options that decide where cookie-authenticated requests may come from. */
export interface CsrfOptions {
  /** Other origins that may use the cookies, such as a front end on another port. Default none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * What to do with a request without Sec-Fetch-Site, Origin and Referer. Programs send such
   * requests; every current browser sends Origin with each unsafe request. Default `allow`.
   */
  readonly missingOrigin?: 'deny' | 'allow' | undefined;
  /**
   * A header, such as `X-BFF`, that every request with a cookie must carry with the value `1`:
   * another site cannot send it without a preflight. The origin is then checked for safe methods
   * too. A WebSocket upgrade cannot carry such a header, so only its origin is checked. Default
   * none.
   */
  readonly requiredHeader?: string | undefined;
}

/** Why a request counts as another site's. */
export type CsrfRefusal =
  | 'cross_site'
  | 'same_site'
  | 'not_navigation'
  | 'fetch_site'
  | 'origin'
  | 'referer'
  | 'missing_origin'
  | 'missing_header';

/** Returns why a request may not use cookies, or null if it may. */
export type CsrfCheck = (request: HttpRequest) => CsrfRefusal | null;

const headerForm = /^[a-z0-9-]{1,64}$/i;

/**
 * Creates the check: Sec-Fetch-Site, else Origin, else Referer, else `missingOrigin`. The service's
 * own origins come from the options, because a client can send any Host header.
 *
 * @param allowed `crossSite`: whether a listed origin may be of another site (`SameSite=None`);
 *   `allowPlainHttp`: whether one may be `http` on another host. Default false
 * @throws ConfigurationError, naming the option
 */
export const createCsrfCheck = (
  origin: URL,
  { allowedOrigins = [], missingOrigin = 'allow', requiredHeader }: CsrfOptions,
  {
    crossSite = false,
    allowPlainHttp = false,
  }: { readonly crossSite?: boolean; readonly allowPlainHttp?: boolean } = {},
): CsrfCheck => {
  if (missingOrigin !== 'deny' && missingOrigin !== 'allow') {
    throw new ConfigurationError('missingOrigin', 'must be deny or allow');
  }
  if (requiredHeader !== undefined && !headerForm.test(requiredHeader)) {
    throw new ConfigurationError('requiredHeader', 'must be the name of a header');
  }
  const marker = requiredHeader?.toLowerCase();
  const others = allowedOrigins.map(
    (allowed, index) => validateOrigin(`allowedOrigins[${index}]`, allowed, allowPlainHttp).origin,
  );
  const trusted = new Set([...aliasesOf(origin), ...others]);

  const isTrustedOrigin = (text: string): boolean => {
    // The form that every browser sends needs no parsing.
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
        return crossSite && sent !== undefined && isTrustedOrigin(sent) ? null : 'cross_site';
      case 'none':
        // The user started it: the address bar, a bookmark, a form sent again.
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

/** An origin, and under which other names a developer reaches the same service on localhost. */
const aliasesOf = (origin: URL): readonly string[] => {
  const names = ['localhost', '127.0.0.1', '[::1]'];
  if (origin.protocol !== 'http:' || !names.includes(origin.hostname)) return [origin.origin];
  return names.map((name) => `http://${name}${origin.port === '' ? '' : `:${origin.port}`}`);
};

const isUpgrade = (request: HttpRequest): boolean =>
  request.method === 'GET' && singleHeader(request, 'upgrade')?.toLowerCase() === 'websocket';
