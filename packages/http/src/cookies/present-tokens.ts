import { readCookies } from '../credential.ts';
import type { HttpRequest } from '../request.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { otherPaths } from './other-paths.ts';
import type { CookieAttributes } from './serialize.ts';
import { clearCookie, clearSessionCookies } from './session-cookies.ts';

/** Everything in a request's cookies that can belong to a session of its browser. */
export interface PresentTokens {
  /** Valid or not, of any cookie and any version. */
  readonly tokens: readonly string[];
  /** The `Set-Cookie` values that clear all of it; empty without such a cookie. */
  readonly clear: readonly string[];
}

/** Reads every session cookie of a request, also several of one name, and those of earlier versions. */
export const readPresentTokens = (
  settings: AnyHttpSettings,
  request: HttpRequest,
): PresentTokens => {
  const { cookies } = settings;
  if (!cookies) return { tokens: [], clear: [] };
  const { policy, firstEdition } = cookies;
  const own = [policy.credential, policy.refresh].filter((one) => one !== null);
  const names = new Set(own.map(({ name }) => name));
  const earlier = firstEdition ? [firstEdition.access, firstEdition.refresh] : [];
  const tokens: string[] = [];
  const stale: CookieAttributes[] = [];
  let hasOwn = false;
  for (const attributes of own) {
    const values = readCookies(settings, request, attributes);
    if (values.length > 0) hasOwn = true;
    if (values.length > 1) stale.push(...otherPaths(cookies, attributes));
    tokens.push(...values);
  }
  for (const attributes of earlier) {
    if (names.has(attributes.name)) continue;
    const values = readCookies(settings, request, attributes);
    if (values.length > 0) stale.push(attributes);
    tokens.push(...values);
  }
  const clear = [...stale.map(clearCookie), ...(hasOwn ? clearSessionCookies(policy) : [])];
  return { tokens: [...new Set(tokens)].slice(0, maxTokens), clear };
};

/** Each may cost a store call. */
const maxTokens = 8;
