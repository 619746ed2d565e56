import { StoreRecordError } from '@pawl/core';

/*
 * Each function reads one value of a reply. A value that is missing or has another type is a
 * StoreRecordError: it must not look like "no" or "none".
 */

/** A whole number, as an integer or as text. */
export const numberOf = (reply: unknown): number => {
  const number = Buffer.isBuffer(reply) ? Number(reply.toString() || Number.NaN) : reply;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrong('a whole number');
  return number;
};

/** Bytes. */
export const bytesOf = (reply: unknown): Buffer => {
  if (!Buffer.isBuffer(reply)) throw wrong('bytes');
  return reply;
};

/** One of these words. */
export const wordOf = <W extends string>(reply: unknown, words: readonly W[]): W => {
  const text = bytesOf(reply).toString();
  const word = words.find((each) => each === text);
  if (word === undefined) throw wrong(`one of ${words.join(', ')}`);
  return word;
};

/** A list of a certain length, or of at least one. */
export const listOf = (reply: unknown, atLeast: number = 0): unknown[] => {
  if (!Array.isArray(reply) || reply.length < atLeast) throw wrong('a list');
  return reply as unknown[];
};

/** Applies another reader, except to null: the script has found nothing. */
export const orNull = <T>(read: (reply: unknown) => T, reply: unknown): T | null =>
  reply === null ? null : read(reply);

// Without the value, which may be a secret.
const wrong = (expected: string): StoreRecordError =>
  new StoreRecordError(
    `a reply should be ${expected}; does the client or a proxy convert replies?`,
  );
