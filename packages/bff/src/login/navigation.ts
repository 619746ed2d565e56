import { HttpError, type HttpRequest } from '@pawl/http';
import { singleHeader } from '@pawl/http/extension';

/**
 * Login and callback are pages to navigate to. A script must not fetch them.
 *
 * @throws HttpError `ERR_CSRF`
 */
export const assertNavigation = (request: HttpRequest): void => {
  const mode = singleHeader(request, 'sec-fetch-mode');
  const destination = singleHeader(request, 'sec-fetch-dest');
  if ((mode ?? 'navigate') !== 'navigate' || (destination ?? 'document') !== 'document') {
    throw new HttpError('ERR_CSRF', 'navigate to this page, do not fetch it');
  }
};

/** Whether a page of another origin started the navigation, as far as the browser says. */
export const isForeignNavigation = (request: HttpRequest): boolean => {
  const site = singleHeader(request, 'sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
};
