/**
 * What a value is, whichever realm it was made in: under jsdom, in `node:vm` or in an iframe the same
 * kind of value has another class, which `instanceof` does not know.
 */

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/** Returns whether a value is a `Uint8Array`, a `Buffer` of Node for one. */
export const isBytes = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) && tagOf(value) === '[object Uint8Array]';

/** Returns whether a value is an `Error`. */
export const isError = (value: unknown): value is Error => tagOf(value) === '[object Error]';

/** Returns whether a value is a promise, or anything else that can be awaited. */
export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function';
