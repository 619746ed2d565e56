import type { HttpRequest } from '@pawl/http';
import { type CookieAttributes, serializeCookie } from '@pawl/http/extension';
import type { AnyBffSettings } from '../settings.ts';
import { readCookiePairs } from './cookie-pairs.ts';

/** Who started a login: this service's own pages and the user, or a page of another origin. */
export type Starter = 'own' | 'foreign';

/** A login under way, as its cookie shows it without being unsealed. */
interface LoginCookie {
  readonly name: string;
  readonly length: number;
  readonly starter: Starter;
  /** In seconds since the epoch. It only decides which cookie is dropped first. */
  readonly startedAt: number;
}

/** In ms: how long a user may take to log in. */
export const loginLifetime = 600_000;

/**
 * How many logins a browser may have under way, and how many characters of cookies they may take:
 * a server refuses a request with too many. Other origins have a share of their own, so that they
 * cannot push out the logins that the user began.
 */
const budgets: Readonly<Record<Starter, { readonly count: number; readonly length: number }>> = {
  own: { count: 5, length: 4_096 },
  foreign: { count: 2, length: 2_048 },
};

const valueForm = /^([of])\.([\da-z]{1,9})\.(.+)$/;

/** The characters of a state that name its cookie. */
const idLength = 16;

/** `Lax`, because the provider sends the browser back from another site. */
const attributesOf = ({ http }: AnyBffSettings, id: string): CookieAttributes => {
  const secure = http.cookies?.policy.credential.secure ?? true;
  const name = `${secure ? '__Host-' : ''}login-${id}`;
  return { name, path: '/', sameSite: 'Lax', secure };
};

const idOf = (state: string): string => state.slice(0, idLength);

/**
 * Returns the `Set-Cookie` values that add a login under way, and drop the oldest ones of its kind
 * if there are too many. Null if the login alone takes more room than there is.
 */
export const addLoginCookie = (
  settings: AnyBffSettings,
  request: HttpRequest,
  state: string,
  starter: Starter,
  sealed: string,
): readonly string[] | null => {
  const seconds = Math.floor(settings.clock() / 1_000);
  const attributes = attributesOf(settings, idOf(state));
  const value = `${starter === 'own' ? 'o' : 'f'}.${seconds.toString(36)}.${sealed}`;
  const { count, length } = budgets[starter];
  let rest = length - attributes.name.length - value.length;
  if (rest < 0) return null;
  let places = count - 1;
  const dropped: string[] = [];
  for (const present of presentCookies(settings, request, starter)) {
    rest -= present.length;
    places -= 1;
    if (rest < 0 || places < 0) dropped.push(clear(settings, present.name));
  }
  return [...dropped, serializeCookie(attributes, value, loginLifetime / 1_000)];
};

/** Returns the sealed part of the cookie of a login; null if the browser has none, or several. */
export const readLoginCookie = (
  settings: AnyBffSettings,
  request: HttpRequest,
  state: string,
): string | null => {
  const { name } = attributesOf(settings, idOf(state));
  const found = readCookiePairs(request, name).filter((pair) => pair.name === name);
  return found.length === 1 ? (valueForm.exec(found[0]?.value ?? '')?.[3] ?? null) : null;
};

/** Returns the `Set-Cookie` that removes the cookie of a login. */
export const clearLoginCookie = (settings: AnyBffSettings, state: string): string =>
  serializeCookie(attributesOf(settings, idOf(state)), '', 0);

const clear = (settings: AnyBffSettings, name: string): string =>
  serializeCookie({ ...attributesOf(settings, ''), name }, '', 0);

/** The logins under way of one kind, newest first. A cookie that cannot be read is the oldest. */
const presentCookies = (
  settings: AnyBffSettings,
  request: HttpRequest,
  starter: Starter,
): readonly LoginCookie[] =>
  readCookiePairs(request, attributesOf(settings, '').name)
    .map(({ name, value }): LoginCookie => {
      const [, kind, seconds = '0'] = valueForm.exec(value) ?? [];
      return {
        name,
        length: name.length + value.length,
        starter: kind === 'o' ? 'own' : 'foreign',
        startedAt: Number.parseInt(seconds, 36),
      };
    })
    .filter((cookie) => cookie.starter === starter)
    .toSorted((one, other) => other.startedAt - one.startedAt);
