/** The target of a request in the one spelling that is both checked and forwarded. */
export interface RequestTarget {
  /** Begins with `/`; percent-encodings in capitals, and only where they are needed. */
  readonly path: string;
  /** The query with its `?`, or empty. */
  readonly search: string;
}

const maxLength = 8_192;

/** Printable ASCII but for the backslash and the number sign. */
const targetForm = /^\/[!"$-[\]-~]*$/;

const unreserved = /^[\w.~-]$/;

/** What has no place in a path as it is (RFC 3986 § 3.3), although clients send it. */
const unsafe = /["<>^`{|}]/g;

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/**
 * Characters that a path may not even contain encoded: a slash, a backslash or a
 * semicolon would split it elsewhere for whoever decodes first, a control character
 * ends it, and a percent sign before two digits is decoded by whoever decodes twice.
 */
const refused = /%(?:2f|5c|3b|[01][\da-f]|7f|25[\da-f]{2})/i;

/** What most paths are: already in their normal form, with nothing in them to look at twice. */
const normalForm = /^(?:\/(?!\.\.?(?:\/|$))[\w.~!$&'()*+,=:@-]+)*\/?$/;

const normalisedPath = (path: string): string | null => {
  if (normalForm.test(path)) return path;
  if (path.includes('//') || path.includes(';') || refused.test(path)) return null;
  try {
    // Broken encodings, and bytes that are not UTF-8: overlong forms among them.
    decodeURIComponent(path);
  } catch {
    return null;
  }
  const normalised = path
    .replaceAll(/%[\da-f]{2}/gi, (encoded) => {
      const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
      return unreserved.test(character) ? character : encoded.toUpperCase();
    })
    .replaceAll(unsafe, percent);
  return normalised.split('/').some((segment) => segment === '.' || segment === '..')
    ? null
    : normalised;
};

/**
 * Reads the target of a request line, or answers null for one that two readers could
 * understand differently. Nothing is repaired but what RFC 3986 § 6.2.2 calls the same.
 */
export const readTarget = (raw: string): RequestTarget | null => {
  if (raw.length > maxLength || !targetForm.test(raw)) return null;
  const mark = raw.indexOf('?');
  const path = normalisedPath(mark < 0 ? raw : raw.slice(0, mark));
  return path === null ? null : { path, search: mark < 0 ? '' : raw.slice(mark) };
};
