import { expect, test } from 'vitest';
import { ConfigurationError } from './errors.ts';
import { assertOptions, type OptionNames } from './option-names.ts';

interface Options {
  readonly idleTimeout?: number;
  readonly limit?: { readonly max: number; readonly policy: string };
  readonly store?: object;
}
const names: OptionNames<Options> = { idleTimeout: 1, limit: { max: 1, policy: 1 }, store: 1 };
const check = (options: unknown, path?: string) => (): void => assertOptions(options, names, path);

test('known options pass, whatever their values are', () => {
  for (const options of [
    {},
    { idleTimeout: 'text', limit: undefined, store: { anything: 1 } },
    { limit: { max: 1 } },
    { limit: null },
    { limit: false },
    Object.assign(Object.create({ inherited: 1 }) as object, { idleTimeout: 1 }),
  ]) {
    expect(check(options)).not.toThrow();
  }
});

test.each<[string, unknown, string?]>([
  ['idletimeout', { idletimeout: 1 }, 'idleTimeout'],
  ['idleTimout', { idleTimout: 1 }, 'idleTimeout'],
  ['timeout', { timeout: 1 }],
  ['domain', { domain: undefined }],
  ['limit.maxx', { limit: { maxx: 1 } }, 'limit.max'],
  ['limit.0', { limit: [1] }],
  ['__proto__', JSON.parse('{"__proto__": {}}')],
  ['constructor', { constructor: 1 }],
  ['toString', { toString: () => '' }],
])('an unknown one is named, with what was probably meant: %s', (option, options, meant) => {
  const error = catchError(check(options));
  expect(error).toMatchObject({
    code: 'ERR_CONFIGURATION',
    option: option === 'limit.0' ? 'limit' : option,
  });
  expect(/did you mean (.*)\?/.exec(error.message)?.[1]).toBe(meant);
});

test('what is no object is named by its place', () => {
  for (const odd of [undefined, null, 'text', 5, []]) {
    expect(check(odd)).toThrow(expect.objectContaining({ option: 'options' }));
    expect(check(odd, 'cookies.')).toThrow(expect.objectContaining({ option: 'cookies' }));
  }
});

const catchError = (call: () => void): ConfigurationError => {
  try {
    call();
  } catch (error) {
    return error as ConfigurationError;
  }
  throw new TypeError('nothing was thrown');
};
