import { InvalidInputError, StoreRecordError } from './errors.ts';

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
    // Refused below, with what JSON leaves out.
  }
  if (text === undefined) throw new InvalidInputError(argument, 'cannot be written as JSON');
  if (text.length > maxLength) {
    throw new InvalidInputError(argument, `is longer than ${maxLength} characters of JSON`);
  }
  return text;
};

/** @throws StoreRecordError where a store answers with something that nobody wrote. */
export const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // No cause: it would quote the text.
    throw new StoreRecordError('a field that should hold JSON does not');
  }
};

/**
 * The same, of an object. It has no prototype: `claims[role]` must not find what
 * every object inherits, nor `__proto__` mean anything.
 *
 * @throws StoreRecordError
 */
export const readJsonObject = (text: string): Record<string, unknown> => {
  const read = readJson(text);
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw new StoreRecordError('a field that should hold a JSON object does not');
  }
  return Object.assign(Object.create(null) as Record<string, unknown>, read);
};
