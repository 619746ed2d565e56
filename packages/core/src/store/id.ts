import { InvalidInputError } from '../errors.ts';

/**
 * Refuses what cannot be an id, a key or a name: an empty string, or no string at all. A mistake of
 * the caller (a claim that is missing) would otherwise be stored under one id for everybody.
 *
 * @throws InvalidInputError, naming the argument
 */
export const assertId = (argument: string, id: unknown): void => {
  if (typeof id === 'string' && id !== '') return;
  throw new InvalidInputError(argument, 'must be a string that is not empty');
};
