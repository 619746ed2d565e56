import { InvalidInputError } from './errors.ts';

/** What can be written as JSON and read back as the same. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * Writes a value as JSON for a store, or refuses it before anything is stored.
 *
 * @throws InvalidInputError for what JSON cannot say, or what is longer than `maxLength` characters.
 */
export const writeJson = (argument: string, value: unknown, maxLength: number): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    throw new InvalidInputError(argument, 'cannot be written as JSON');
  }
  if (text === undefined) throw new InvalidInputError(argument, 'cannot be written as JSON');
  if (text.length > maxLength) {
    throw new InvalidInputError(argument, `is longer than ${maxLength} characters of JSON`);
  }
  return text;
};
