import { type AnyPawlError, isPawlError } from '@pawl/core';
import type { Credential } from '../credential.ts';
import { isUnauthenticated } from '../errors.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { clearCookie } from './session-cookies.ts';

/**
 * Returns what clears the cookies of a refused request, if they can never be valid again.
 *
 * A response that clears a cookie may arrive after one that sets a newer one. So nothing is cleared
 * while the browser may have a newer token of the same session, or one of the login that has
 * replaced the session, or while another node may know the root secret of the token.
 *
 * @param optional whether the request goes on as anonymous: only then an access cookie is cleared
 */
export const clearStaleCookies = (
  { cookies }: AnyHttpSettings,
  credential: Credential,
  error: unknown,
  optional: boolean,
): readonly string[] => {
  if (!cookies || (credential.kind !== 'bad' && credential.kind !== 'token')) return [];
  const stale = credential.stale.map(clearCookie);
  if (credential.kind === 'bad' || !isPawlError(error) || !isUnauthenticated(error)) return stale;
  const { policy, firstEdition } = cookies;
  if (policy.mode !== 'session') {
    return optional && isAccessOver(error) ? [...stale, clearCookie(policy.credential)] : stale;
  }
  if (credential.type === 'access') {
    return firstEdition && isForged(error) ? [clearCookie(firstEdition.access)] : stale;
  }
  return isSessionOver(error) ? [...stale, clearCookie(policy.credential)] : stale;
};

/** An access cookie that has only expired stays: a logout needs it to find the session. */
const isAccessOver = (error: AnyPawlError): boolean =>
  error.code === 'ERR_TOKEN_REVOKED' ||
  (error.code !== 'ERR_TOKEN_EXPIRED' && isSessionOver(error));

/** Whether an error means that a session has ended, and that no login of its browser replaced it. */
export const isSessionOver = (error: AnyPawlError): boolean => {
  switch (error.code) {
    case 'ERR_SESSION_REVOKED':
      return error.reason !== 'replaced';
    case 'ERR_SESSION_EXPIRED':
    case 'ERR_SESSION_NOT_FOUND':
    case 'ERR_REUSE_DETECTED':
    case 'ERR_TOKEN_EXPIRED':
      return true;
    default:
      return isForged(error);
  }
};

/** Not a token that is too early by this node's clock (`claims`), or older than the current one. */
const isForged = (error: AnyPawlError): boolean =>
  error.code === 'ERR_TOKEN_INVALID' &&
  !['kid_unknown', 'superseded', 'not_current', 'claims'].includes(error.refusal);
