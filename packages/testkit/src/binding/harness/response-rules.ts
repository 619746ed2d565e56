import type { HttpResponse } from './exchange.ts';

/** RFC 6265bis § 4.1.1: a token, cookie-octets, and each attribute that Pawl sets, once. */
const cookieForm =
  /^(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?<value>[!#-+\--:<-[\]-~]*); Max-Age=(?<age>\d{1,8}); Path=(?<path>\/[!#-+\--:<-[\]-~]*); HttpOnly; SameSite=(?<site>Lax|Strict|None)(?<secure>; Secure)?$/;

/** Returns whether a cookie is Pawl's, with any name prefix. */
const isOurs = (cookie: string): boolean =>
  /^(__\w+-)?((access|refresh)_token|session)=/i.test(cookie);

/**
 * Returns what is wrong with a response. Every response of every test is checked (CK-01 to CK-04,
 * CK-07, CK-08).
 */
export const problemsIn = ({ cookies, headers, text }: HttpResponse): string[] => {
  const ours = cookies.filter(isOurs);
  const problems = ours.flatMap(problemsInCookie);
  // Two paths are two cookies: a stale one of an earlier version is cleared beside the new one.
  const keys = ours.map(
    (cookie) => `${cookie.split('=', 1)[0]}${/; Path=[^;]*/.exec(cookie)?.[0]}`,
  );
  if (new Set(keys).size !== keys.length) problems.push('two cookies have the same name and path');
  const carriesTokens = ours.length > 0 || /pawl_[ar]t_|"(access|refresh)_token":"/.test(text);
  if (carriesTokens && headers['cache-control'] !== 'no-store')
    problems.push('Cache-Control is not no-store');
  if (carriesTokens && headers['pragma'] !== 'no-cache') problems.push('Pragma is not no-cache');
  return problems;
};

const problemsInCookie = (cookie: string): string[] => {
  const parts = cookieForm.exec(cookie)?.groups;
  if (!parts) return [`malformed cookie: ${cookie.replace(/=[^;]*/, '=…')}`];
  const { name = '', value = '', age, path = '', site, secure } = parts;
  const problems: [boolean, string][] = [
    [name.length + value.length <= 4_096, 'name and value are too long'],
    [path.length <= 1_024, 'the path is too long'],
    [Number(age) <= 34_560_000, 'Max-Age is more than 400 days'],
    [(value === '') === (Number(age) === 0), 'cleared with a value, or set without one'],
    [
      !/^__(host|secure)-/i.test(name) || secure !== undefined,
      'has a name prefix, but is not Secure',
    ],
    [!/^__host-/i.test(name) || path === '/', 'has the prefix __Host-, but a path'],
    [site !== 'None' || secure !== undefined, 'is SameSite=None, but not Secure'],
  ];
  return problems.filter(([holds]) => !holds).map(([, problem]) => `${name}: ${problem}`);
};
