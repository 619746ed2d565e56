import { InvalidInputError } from '@pawl/core/store';

/**
 * An id is a file's name, on every platform: nothing that leads out of the
 * folder, hides the file, or is the same file as another id where case is not told apart.
 */
const pattern = /^[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?$/;
/** Devices of Windows, whatever follows the dot. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** @throws InvalidInputError */
export const validateId = (id: unknown): void => {
  if (typeof id !== 'string' || !pattern.test(id) || reserved.test(id)) {
    throw new InvalidInputError(
      'id',
      'must be 1 to 64 of a–z, 0–9, ".", "_", "@" and "-", beginning and ending with a letter or digit',
    );
  }
};
