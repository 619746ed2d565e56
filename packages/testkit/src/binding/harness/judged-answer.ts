import type { Answer } from './exchange.ts';

/** RFC 6265bis § 4.1.1: a token, cookie-octets, and our attributes in full, each once. */
const cookieForm =
  /^(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?<value>[!#-+\--:<-[\]-~]*); Max-Age=(?<age>\d{1,8}); Path=(?<path>\/[!#-+\--:<-[\]-~]*); HttpOnly; SameSite=(?<site>Lax|Strict|None)(?<secure>; Secure)?$/;

/** Of Pawl's cookies, whatever the attributes make of their names. */
const isOurs = (cookie: string): boolean => /^(__\w+-)?(access|refresh)_token=/i.test(cookie);

/**
 * What is wrong with an answer, whichever test it belongs to (CK-01 to CK-04, CK-07, CK-08):
 * an empty list, if nothing is.
 */
export const problemsOf = ({ cookies, headers, text }: Answer): string[] => {
  const ours = cookies.filter(isOurs);
  const problems = ours.flatMap(problemsOfCookie);
  const names = ours.map((cookie) => cookie.split('=', 1)[0]);
  if (new Set(names).size !== names.length) problems.push('two cookies of one name');
  const carriesTokens = ours.length > 0 || /pawl_[ar]t_|"(access|refresh)_token":"/.test(text);
  if (carriesTokens && headers['cache-control'] !== 'no-store') problems.push('may be stored');
  if (carriesTokens && headers['pragma'] !== 'no-cache') problems.push('Pragma is missing');
  return problems;
};

const problemsOfCookie = (cookie: string): string[] => {
  const parts = cookieForm.exec(cookie)?.groups;
  if (!parts) return [`malformed: ${cookie.replace(/=[^;]*/, '=…')}`];
  const { name = '', value = '', age, path = '', site, secure } = parts;
  const problems: [boolean, string][] = [
    [name.length + value.length <= 4_096, 'too long'],
    [path.length <= 1_024, 'its path is too long'],
    [Number(age) <= 34_560_000, 'lives longer than 400 days'],
    [(value === '') === (Number(age) === 0), 'cleared with a value, or kept without one'],
    [!/^__(host|secure)-/i.test(name) || secure !== undefined, 'prefixed, but not Secure'],
    [!/^__host-/i.test(name) || path === '/', 'a host cookie with a path'],
    [site !== 'None' || secure !== undefined, 'SameSite=None, but not Secure'],
  ];
  return problems.filter(([holds]) => !holds).map(([, problem]) => `${name}: ${problem}`);
};
