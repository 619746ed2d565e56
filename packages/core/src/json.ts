import { InvalidInputError, StoreRecordError } from './errors.ts';

/**
 * Writes a value as JSON for a store.
 *
 * @throws InvalidInputError for a value that JSON cannot represent, or that takes more than
 *   `maxLength` characters.
 */
export const writeJson = (argument: string, value: unknown, maxLength: number): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Refused below, together with values that JSON omits.
  }
  if (text === undefined) throw new InvalidInputError(argument, 'cannot be written as JSON');
  if (text.length > maxLength) {
    throw new InvalidInputError(argument, `is longer than ${maxLength} characters of JSON`);
  }
  return text;
};

/** Parses JSON that a store returned. @throws StoreRecordError if it is not JSON. */
export const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Without a cause: its message would quote the text.
    throw new StoreRecordError('a field that should hold JSON does not');
  }
};

/**
 * Parses a JSON object that a store returned. The result has no prototype, so that `claims[role]`
 * finds no inherited member and `__proto__` has no effect.
 *
 * @throws StoreRecordError if it is not a JSON object.
 */
export const readJsonObject = (text: string): Record<string, unknown> => {
  const read = readJson(text);
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw new StoreRecordError('a field that should hold a JSON object does not');
  }
  return Object.assign(Object.create(null) as Record<string, unknown>, read);
};
