const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** Deeper than claims need, and shallow enough for every stack. */
export const maxDepth = 32;

/**
 * Counts the member names in a JSON text: each stands before a colon, and all other colons are
 * inside strings. The text must be valid JSON.
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

/** Freezes a parsed value recursively and counts its member names; NaN if the value is refused. */
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
 * Parses a JSON object and freezes it recursively. Returns undefined if it is refused.
 *
 * A duplicate name is refused at any level: RFC 8259 § 4 leaves its meaning open, so two readers of
 * one token could see two users. `JSON.parse` keeps the last duplicate, so the text contains more
 * names than the result. `__proto__`, numbers that overflow and extreme nesting are refused too.
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
