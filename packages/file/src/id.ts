import { createHash } from 'node:crypto';
import { InvalidInputError } from '@pawl/core';

/** In UTF-16 units: the length of a user id, which is the longest id that a store takes. */
const maxLength = 255;

/** What would be a path, and control characters: a mistake of the caller, or an attack. */
const refused = /[/\\\p{Cc}]|^\.{1,2}$/u;

/** @throws InvalidInputError */
export const validateId = (id: unknown): void => {
  const isValid =
    typeof id === 'string' &&
    id.length >= 1 &&
    id.length <= maxLength &&
    id.isWellFormed() &&
    !refused.test(id);
  if (isValid) return;
  throw new InvalidInputError(
    'id',
    `must be 1 to ${maxLength} characters without "/", "\\" and control characters, and not "." or ".."`,
  );
};

/** An id that is a file name on every platform as it is. */
const plain = /^[a-z0-9](?:[a-z0-9._@-]{0,98}[a-z0-9])?$/;
/** Device names of Windows, with any extension. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/**
 * In characters: with `.json`, `.lock` or the ending of a temporary file the name stays below the
 * 143 bytes of an encrypted home folder, the shortest limit in use.
 */
const maxNameLength = 100;

/**
 * Returns the name of an id's files, without their ending. No two ids have one name, also where
 * the file system ignores case or normalizes Unicode: a name is of lower-case ASCII. A plain id is
 * its own name. Any other name begins with `~`: `^a` stands for `A`, and `%20` for a byte of UTF-8.
 * One that would be too long is `~~` and a hash.
 */
export const fileNameOf = (id: string): string => {
  if (plain.test(id) && !reserved.test(id)) return id;
  const escaped = Array.from(Buffer.from(id), escapeByte).join('');
  if (escaped.length < maxNameLength) return `~${escaped}`;
  return `~~${createHash('sha256').update(id).digest('hex')}`;
};

const escapeByte = (byte: number): string => {
  const character = String.fromCharCode(byte);
  if (/[a-z0-9_-]/.test(character)) return character;
  if (/[A-Z]/.test(character)) return `^${character.toLowerCase()}`;
  return `%${byte.toString(16).padStart(2, '0')}`;
};
