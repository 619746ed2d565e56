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

/** @throws InvalidInputError */
export const validateUserId = (userId: unknown): void =>
  validateName('userId', userId, maxUserIdLength);

/** @throws InvalidInputError unless it is a string of 1 … `maxLength` characters. */
export const validateName = (argument: string, name: unknown, maxLength: number): void => {
  const isText = typeof name === 'string' && name !== '' && name.length <= maxLength;
  // Neither U+0000 nor half a character can be stored everywhere.
  if (!isText || name.includes('\0') || !name.isWellFormed()) {
    throw new InvalidInputError(argument, `must be a string of 1 to ${maxLength} characters`);
  }
};

/**
 * The JSON of an application's claims.
 * @throws InvalidInputError also for names that tokens use themselves, in either
 *   format, and for what no token may carry: once stored, claims must never be
 *   what a refresh fails on.
 */
export const writeClaims = (claims: unknown): string => {
  const json = writeObject('claims', claims, maxClaimsLength);
  // As written: a `toJSON` may say something else than the object has.
  const written = parseStrictObject(json);
  if (!written) {
    throw new InvalidInputError('claims', 'nests too deep, or has a member named __proto__');
  }
  const reserved = reservedClaims.find((name) => Object.hasOwn(written, name));
  if (reserved) throw new InvalidInputError(`claims.${reserved}`, 'is a reserved name');
  return json;
};

/** The JSON of an application's session data. @throws InvalidInputError */
export const writeData = (data: unknown): string => writeObject('data', data, maxDataLength);

/** A date or a list is an object too, but not one that JSON knows. */
const writeObject = (argument: string, value: unknown, maxLength: number): string => {
  const json = typeof value === 'object' ? writeJson(argument, value, maxLength) : '';
  if (!json.startsWith('{')) throw new InvalidInputError(argument, 'must be an object');
  return json;
};

/** @throws InvalidInputError */
export const validateReason = (reason: unknown): void => {
  if (typeof reason !== 'string' || !reasonForm.test(reason)) {
    throw new InvalidInputError('reason', 'must be up to 32 lower-case letters and underscores');
  }
};

/**
 * A lifetime of a single session: the configured one, or a shorter one.
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
