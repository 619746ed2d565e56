/**
 * Phrases that occur in nearly every user agent. A user agent is most of a session's attributes,
 * so each phrase is stored as one control character. JSON contains no such characters, which
 * makes the replacement reversible. The order is part of the stored format: add new phrases at
 * the end, and never remove one.
 */
const phrases: readonly string[] = [
  'Mozilla/5.0 (',
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X ',
  'X11; Linux x86_64',
  'iPhone; CPU iPhone OS ',
  'iPad; CPU OS ',
  'Linux; Android ',
  ') AppleWebKit/537.36 (KHTML, like Gecko) Chrome/',
  ') AppleWebKit/605.1.15 (KHTML, like Gecko) Version/',
  ' like Mac OS X',
  '.0.0.0 Safari/537.36',
  '.0.0.0 Mobile Safari/537.36',
  ' Mobile/15E148 Safari/604.1',
  ' Safari/605.1.15',
  ') Gecko/20100101 Firefox/',
];

/** The control character of each phrase. JSON may contain tab, line feed and carriage return. */
const codes = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18];

// oxlint-disable-next-line no-control-regex -- control characters are the codes
const anyCode = /[\u0001-\u0008\u000b\u000c\u000e-\u001f]/;
const everyCode = new RegExp(anyCode, 'g');

const codeOf = new Map(phrases.map((phrase, i) => [phrase, String.fromCharCode(codes[i] ?? 0)]));
const phraseOf = new Map(Array.from(codeOf, ([phrase, code]) => [code, phrase]));
const everyPhrase = new RegExp(
  phrases.map((phrase) => phrase.replace(/[.()]/g, '\\$&')).join('|'),
  'g',
);

/** Replaces the phrases in a text by their codes. Returns null if that does not shorten it. */
export const shorten = (text: string): string | null => {
  if (anyCode.test(text)) return null;
  const short = text.replace(everyPhrase, (phrase) => codeOf.get(phrase) ?? phrase);
  return short.length < text.length ? short : null;
};

/** Restores the text from the result of {@link shorten}. */
export const expand = (short: string): string =>
  short.replace(everyCode, (code) => phraseOf.get(code) ?? code);
