/** Printable ASCII without the backslash, which some URL parsers read as a slash. */
const urlForm = /^[!-[\]-~]+$/;

const unreserved = /^[\w.~-]$/;

/** Normalizes percent-encodings (RFC 3986 § 6.2.2.1, § 6.2.2.2). Null for an invalid one. */
const normalizePath = (path: string): string | null => {
  if (/%(?![\da-f]{2})/i.test(path)) return null;
  return path.replaceAll(/%[\da-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return unreserved.test(character) ? character : encoded.toUpperCase();
  });
};

/**
 * Normalizes a URL for comparison (RFC 3986 § 6.2.2, § 6.2.3), without query and fragment
 * (RFC 9449 § 4.3). Returns null for anything but an `http` or `https` URL, or with a user in it.
 */
export const normalizeTarget = (target: string): string | null => {
  if (target.length > 8_192 || !urlForm.test(target) || !/^https?:\/\/[^/]/i.test(target)) {
    return null;
  }
  const end = target.search(/[?#]/);
  const path = normalizePath(end < 0 ? target : target.slice(0, end));
  // Last, because encoded dots are dots (§ 6.2.2.2) and are removed like them.
  if (path === null || !URL.canParse(path)) return null;
  const { origin, pathname, username, password } = new URL(path);
  return username === '' && password === '' ? origin + pathname : null;
};
