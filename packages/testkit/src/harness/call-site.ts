import { isError } from '@pawl/core/internal';

/** Where a check was called: the frames of its stack, without those of this package's harness. */
export interface CallSite {
  readonly stack?: string;
}

/**
 * Remembers the caller of a method. An asynchronous check calls it before it waits, because later the
 * caller is no longer on the stack.
 */
export const callSite = (host: object, method: string): CallSite => {
  const site: CallSite = {};
  // Runtimes other than V8 and JavaScriptCore do not have it, and keep the frames of the harness.
  const below = Reflect.get(host, method) as (...args: never[]) => unknown;
  Error.captureStackTrace?.(site, below);
  return site;
};

/** Makes a failure point at the line of the test, and begin with a message. Returns the failure. */
export const failAt = (site: CallSite, failure: unknown, message: string): unknown => {
  if (!isError(failure)) return failure;
  if (message !== '') failure.message = `${message}: ${failure.message}`;
  const frames = framesOf(site.stack);
  if (frames !== '') failure.stack = `${failure.name}: ${failure.message}\n${frames}`;
  return failure;
};

const framesOf = (stack: string | undefined = ''): string => {
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  return first === -1 ? '' : lines.slice(first).join('\n');
};
