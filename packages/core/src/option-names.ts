import { ConfigurationError } from './errors.ts';

/** The names of the members of an options object; `1` for a value that is no options object itself. */
export interface KnownNames {
  readonly [name: string]: 1 | KnownNames;
}

type NameOf<Options> = Options extends unknown ? keyof Options & string : never;

/** {@link KnownNames} of a type: a member that is added to the type is missing here for the compiler. */
export type OptionNames<Options> = { readonly [Name in NameOf<Options>]-?: 1 | KnownNames };

/**
 * Refuses an option that does not exist, in nested options objects too: a typing mistake, or an
 * option of another library, would have no effect.
 *
 * @param path what stands before the name of an option in the error, such as `cookies.`
 * @throws ConfigurationError, naming the option, and the one that was probably meant
 */
export const assertOptions = (options: unknown, names: KnownNames, path = ''): void => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(path.slice(0, -1) || 'options', 'must be an object');
  }
  for (const [name, value] of Object.entries(options)) {
    const known = Object.hasOwn(names, name) ? names[name] : undefined;
    if (known === undefined) throw unknownOption(name, Object.keys(names), path);
    if (known !== 1 && typeof value === 'object' && value !== null) {
      assertOptions(value, known, `${path}${name}.`);
    }
  }
};

/** Returns the error for an option that does not exist. */
export const unknownOption = (
  name: string,
  known: readonly string[],
  path = '',
): ConfigurationError => {
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : `: did you mean ${path}${meant}?`;
  return new ConfigurationError(`${path}${name}`, `is not an option${hint}`);
};

/** Returns the known name that differs in at most a third of the letters of this one, if any does. */
const nearest = (name: string, known: readonly string[]): string | undefined => {
  let best: string | undefined;
  let least = Math.floor(name.length / 3) + 1;
  for (const candidate of known) {
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) {
      least = edits;
      best = candidate;
    }
  }
  return best;
};

/** The Levenshtein distance. */
const editsBetween = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = (row[j] as number) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
};
