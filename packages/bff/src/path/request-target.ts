/** The target of a request, normalized: this spelling is matched to a route, and forwarded. */
export interface RequestTarget {
  /** Begins with `/`. Percent-encodings are in upper case, and only where they are needed. */
  readonly path: string;
  /** The query with its `?`, or empty. */
  readonly search: string;
}

const maxLength = 8_192;

/** Printable ASCII without the backslash and the number sign. */
const targetForm = /^\/[!"$-[\]-~]*$/;

const unreserved = /^[\w.~-]$/;

/** Characters that clients send although a path must encode them (RFC 3986 § 3.3). */
const unsafe = /["<>^`{|}]/g;

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/**
 * Characters that are refused even if encoded: a slash, a backslash or a semicolon would split the
 * path differently for a reader that decodes first, a control character would end it, and a
 * percent sign before two digits would be decoded by a reader that decodes twice.
 */
const refusedEncoding = /%(?:2f|5c|3b|[01][\da-f]|7f|25[\da-f]{2})/i;

/** A path that is already normalized, as most are. */
const normalForm = /^(?:\/(?!\.\.?(?:\/|$))[\w.~!$&'()*+,=:@-]+)*\/?$/;

const normalizePath = (path: string): string | null => {
  if (normalForm.test(path)) return path;
  if (path.includes('//') || path.includes(';') || refusedEncoding.test(path)) return null;
  try {
    // Refuses broken encodings and bytes that are not UTF-8, such as overlong forms.
    decodeURIComponent(path);
  } catch {
    return null;
  }
  const normalized = path
    .replaceAll(/%[\da-f]{2}/gi, (encoded) => {
      const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
      return unreserved.test(character) ? character : encoded.toUpperCase();
    })
    .replaceAll(unsafe, percent);
  return normalized.split('/').some((segment) => segment === '.' || segment === '..')
    ? null
    : normalized;
};

/**
 * Normalizes the target of a request line (RFC 3986 § 6.2.2). Returns null if two readers could
 * understand it differently.
 */
export const readTarget = (raw: string): RequestTarget | null => {
  if (raw.length > maxLength || !targetForm.test(raw)) return null;
  const mark = raw.indexOf('?');
  const path = normalizePath(mark < 0 ? raw : raw.slice(0, mark));
  return path === null ? null : { path, search: mark < 0 ? '' : raw.slice(mark) };
};
