import { InvalidInputError } from '../errors.ts';
import { writeJson } from '../json.ts';
import { reservedClaims } from '../jwt/payload.ts';
import { parseStrictObject } from '../jwt/strict-json.ts';

/** In characters. */
const maxDataLength = 16_384;
/** In characters: claims travel in every JWT. */
const maxClaimsLength = 2_048;

const maxUserIdLength = 255;
const reasonForm = /^[a-z][a-z_]{0,31}$/;

/** Validates a user id: 1 to 255 characters. @throws InvalidInputError */
export const validateUserId = (userId: unknown): void =>
  validateName('userId', userId, maxUserIdLength);

/** @throws InvalidInputError unless `name` is a string of 1 to `maxLength` characters. */
export const validateName = (argument: string, name: unknown, maxLength: number): void => {
  const isText = typeof name === 'string' && name !== '' && name.length <= maxLength;
  // Not every database can store U+0000 or half of a surrogate pair.
  if (!isText || name.includes('\0') || !name.isWellFormed()) {
    throw new InvalidInputError(argument, `must be a string of 1 to ${maxLength} characters`);
  }
};

/**
 * Returns the JSON of the application's claims.
 * @throws InvalidInputError also for reserved names and for values that a JWT cannot contain, in
 *   either token format: stored claims must never make a refresh fail.
 */
export const writeClaims = (claims: unknown): string => {
  const json = writeObject('claims', claims, maxClaimsLength);
  // Check the JSON, not the object: a `toJSON` may change it.
  const written = parseStrictObject(json);
  if (!written) {
    throw new InvalidInputError('claims', 'is too deep, or has a member named __proto__');
  }
  const reserved = reservedClaims.find((name) => Object.hasOwn(written, name));
  if (reserved) throw new InvalidInputError(`claims.${reserved}`, 'is a reserved name');
  return json;
};

/** Returns the JSON of the application's session data. @throws InvalidInputError */
export const writeData = (data: unknown): string => writeObject('data', data, maxDataLength);

/** A date or an array is an object too, but its JSON is not. */
const writeObject = (argument: string, value: unknown, maxLength: number): string => {
  const json = typeof value === 'object' ? writeJson(argument, value, maxLength) : '';
  if (!json.startsWith('{')) throw new InvalidInputError(argument, 'must be an object');
  return json;
};

/** Validates the reason of a revocation. @throws InvalidInputError */
export const validateReason = (reason: unknown): void => {
  if (typeof reason !== 'string' || !reasonForm.test(reason)) {
    throw new InvalidInputError('reason', 'must be up to 32 lower-case letters and underscores');
  }
};

/**
 * Returns the lifetime of a single session: the configured one, or a shorter one that was given.
 * @throws InvalidInputError
 */
export const validateLifetime = (
  argument: string,
  given: number | undefined,
  configured: number,
  shortest: number,
): number => {
  if (given === undefined) return configured;
  if (!Number.isFinite(given) || given <= shortest || given > configured) {
    throw new InvalidInputError(
      argument,
      `must be above ${shortest} ms and at most the configured ${configured} ms`,
    );
  }
  return Math.floor(given);
};
