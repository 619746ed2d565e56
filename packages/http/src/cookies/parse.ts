/**
 * Returns the values of all cookies of exactly this name, in the order of the header (RFC 6265bis
 * § 5.8.3). It trims spaces and tabs only, decodes nothing and ignores legacy syntax, so that two
 * names that differ in any byte stay two names.
 */
export const cookieValues = (header: string, name: string): string[] => {
  const values: string[] = [];
  let from = 0;
  while (from <= header.length) {
    const semicolon = header.indexOf(';', from);
    const to = semicolon === -1 ? header.length : semicolon;
    const equals = header.indexOf('=', from);
    if (equals !== -1 && equals < to && trim(header, from, equals) === name) {
      values.push(trim(header, equals + 1, to));
    }
    from = to + 1;
  }
  return values;
};

const trim = (text: string, from: number, to: number): string => {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
};

/**
 * `String.prototype.trim` also removes characters that browsers allow in a name (U+00A0, BOM …).
 */
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
