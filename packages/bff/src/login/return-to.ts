/** In characters. */
const maxLength = 2_048;

/** One `/`, then no character that a browser drops, or treats as a slash. */
const form = /^\/(?![/\\])[!-[\]-~]*$/;

/**
 * Returns where a login redirects to: a path of this origin as a complete URL, so that nothing
 * can read another host into it. Returns null if `path` is anything else.
 */
export const returnUrl = (path: string, origin: string): string | null => {
  if (path.length > maxLength || !form.test(path) || !URL.canParse(path, origin)) return null;
  const url = new URL(path, origin);
  // Dot segments may leave two slashes at the front, which name a host if resolved again.
  if (url.origin !== origin || url.pathname.startsWith('//')) return null;
  return url.href;
};
