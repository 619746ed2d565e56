const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** Deeper than any claim is meant to be, shallower than any stack. */
export const maxDepth = 32;

/**
 * How many member names a JSON text spells: each stands before a colon, and the
 * only other colons are inside strings. The text is known to be JSON.
 */
const countSpelt = (json: string): number => {
  let names = 0;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === colon) names++;
    else if (code === quote) {
      for (i++; i < json.length; i++) {
        const inside = json.charCodeAt(i);
        if (inside === quote) break;
        if (inside === backslash) i++;
      }
    }
  }
  return names;
};

/** Freezes a parsed value to the bottom and counts the names that it kept; NaN if it is refused. */
const freezeAndCount = (value: object, depth: number): number => {
  if (depth > maxDepth || Object.hasOwn(value, '__proto__')) return Number.NaN;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let names = members === value ? 0 : members.length;
  for (const member of members) {
    if (typeof member === 'object') {
      if (member) names += freezeAndCount(member, depth + 1);
    } else if (typeof member === 'number' && !Number.isFinite(member)) return Number.NaN;
  }
  Object.freeze(value);
  return names;
};

/**
 * Parses a JSON object, deep-frozen, or answers undefined.
 *
 * A name that comes twice is refused at any level: RFC 8259 § 4 leaves its
 * meaning open, so two readers of one token could see two users. `JSON.parse`
 * keeps the last of the two, hence the text spells more names than the result
 * has. Refused as well: `__proto__`, numbers that overflow, extreme nesting.
 */
export const parseStrictObject = (json: string): Readonly<Record<string, unknown>> | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (freezeAndCount(value, 1) !== countSpelt(json)) return undefined;
  return value as Readonly<Record<string, unknown>>;
};
