import { parseCookie } from 'cookie';
import type { Config } from '../config.ts';
import type { Call } from './route.ts';

/** The cookies of the demo, by what their tokens are for. */
export interface DemoCookies {
  /** What guards read: the access token, or the session token. */
  readonly credential: string | undefined;
  /** What `POST /refresh` reads: the refresh token, or the session token. */
  readonly refresh: string | undefined;
}

/** Reads the cookies that Pawl has set, by their default names. */
export const readCookies = ({ origin, cookies }: Config, call: Call): DemoCookies => {
  const prefix = origin.startsWith('https:') ? '__Host-' : '';
  const sent = parseCookie(call.header('cookie') ?? '');
  const read = (name: string): string | undefined => sent[`${prefix}${name}`];
  return cookies === 'session'
    ? { credential: read('session'), refresh: read('session') }
    : { credential: read('access_token'), refresh: read('refresh_token') };
};
