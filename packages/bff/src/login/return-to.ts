/** In characters. */
const maxLength = 2_048;

/** One `/`, and then no character that a browser drops, or takes for a slash. */
const form = /^\/(?![/\\])[!-[\]-~]*$/;

/**
 * Where a login leads back to: a path of the own origin, as a complete URL so that
 * nothing on the way can read a host into it. Null for anything else.
 */
export const returnUrl = (given: string, origin: string): string | null => {
  if (given.length > maxLength || !form.test(given) || !URL.canParse(given, origin)) return null;
  const url = new URL(given, origin);
  // Dot segments may leave two slashes at the front: a host, to whoever resolves it again.
  if (url.origin !== origin || url.pathname.startsWith('//')) return null;
  return url.href;
};
