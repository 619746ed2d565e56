import type { CookiePolicy } from './policy.ts';
import type { CookieAttributes } from './serialize.ts';

/**
 * The cookies that earlier versions set by default: an access cookie for the whole service, and a
 * refresh cookie for the session routes, which another host of the same site can set.
 */
export interface FirstEditionCookies {
  readonly access: CookieAttributes;
  readonly refresh: CookieAttributes;
}

/**
 * Returns the cookies of earlier versions, with the names that were the default.
 *
 * @param authPath the path of the session routes, as browsers see it; empty for the root
 */
export const firstEditionCookies = (
  { credential: { secure } }: Pick<CookiePolicy, 'credential'>,
  authPath: string,
): FirstEditionCookies => {
  const path = authPath === '' ? '/' : authPath;
  const refreshPrefix = path === '/' ? '__Host-' : '__Secure-';
  return {
    access: {
      name: secure ? '__Host-access_token' : 'access_token',
      path: '/',
      sameSite: 'Lax',
      secure,
    },
    refresh: {
      name: `${secure ? refreshPrefix : ''}refresh_token`,
      path,
      sameSite: 'Strict',
      secure,
    },
  };
};
