import { InvalidInputError } from '@pawl/core';

/**
 * An id is a file name on every platform: it cannot leave the folder, hide the file, or name the
 * same file as another id on a file system that ignores case.
 */
const pattern = /^[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?$/;
/** Device names of Windows, with any extension. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** @throws InvalidInputError */
export const validateId = (id: unknown): void => {
  if (typeof id !== 'string' || !pattern.test(id) || reserved.test(id)) {
    throw new InvalidInputError(
      'id',
      'must be 1 to 64 of a–z, 0–9, ".", "_", "@" and "-", and begin and end with a letter or digit',
    );
  }
};
