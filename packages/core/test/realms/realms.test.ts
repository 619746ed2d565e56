import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createContext, runInContext, runInNewContext, runInThisContext } from 'node:vm';
import { isPawlError } from '@pawl/core';
import { isBytes, isError, isPromise } from '@pawl/core/internal';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rootSecret } from '../roots.ts';

const foreign = <T>(source: string): T => runInNewContext(source) as T;

const oneSession = ['ada', 'ada', 'ada', 'ERR_SESSION_REVOKED', 'ERR_TOKEN_INVALID'];
const expected = [
  ...Array.from({ length: 5 }, () => oneSession).flat(),
  'ada',
  { to: 'ada' },
  true,
  'ada',
];

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('a value is known by what it is, in whichever realm it was made', () => {
  it('bytes, errors and promises', () => {
    for (const make of [foreign, runInThisContext]) {
      expect(isBytes(make('new Uint8Array(2)'))).toBe(true);
      expect(isError(make('new TypeError("a")'))).toBe(true);
      expect(isError(make('new (class Own extends Error {})("a")'))).toBe(true);
      expect(isPromise(make('Promise.resolve()'))).toBe(true);
      expect(isPawlError(make('Object.assign(new Error("a"), { library: "@pawl" })'))).toBe(true);
      for (const other of [
        'new Uint8ClampedArray(2)',
        'new Int8Array(2)',
        'new DataView(new ArrayBuffer(2))',
        'new ArrayBuffer(2)',
        '[1, 2]',
        '"text"',
        'null',
        'undefined',
        '({})',
        '({ library: "@pawl" })',
        '({ [Symbol.toStringTag]: "Uint8Array" })',
      ]) {
        const value = make(`(${other})`);
        expect([
          other,
          isBytes(value),
          isError(value),
          isPromise(value),
          isPawlError(value),
        ]).toStrictEqual([other, false, false, false, false]);
      }
    }
    expect(isBytes(Buffer.from('ab'))).toBe(true);
  });

  it('a secret of another realm', async () => {
    const { wholeLife } = await import('./whole-life.ts');
    const secret = foreign<Uint8Array>('Uint8Array.from({ length: 32 }, (_, i) => i * 7)');
    expect(secret instanceof Uint8Array).toBe(false);
    expect(await wholeLife([secret, rootSecret('a')])).toStrictEqual(expected);
  });

  it('where the global Uint8Array is not the class of what the platform makes, as under jsdom', async () => {
    vi.resetModules();
    vi.stubGlobal('Uint8Array', foreign('Uint8Array'));
    expect(new TextEncoder().encode('a') instanceof Uint8Array).toBe(false);
    const { wholeLife } = await import('./whole-life.ts');
    expect(await wholeLife([rootSecret('a'), rootSecret('b')])).toStrictEqual(expected);
  });

  it.each(['node', 'default'])(
    'loaded in a realm of its own, with the platform of this one (%s)',
    async (condition) => {
      const { outputFiles } = await build({
        entryPoints: [join(import.meta.dirname, 'whole-life.ts')],
        bundle: true,
        write: false,
        format: 'cjs',
        platform: 'neutral',
        mainFields: ['module', 'main'],
        conditions: ['@pawl/source', condition],
        external: ['node:*'],
      });
      const module = { exports: {} as typeof import('./whole-life.ts') };
      const { crypto, TextEncoder, TextDecoder, URL, console, setTimeout, clearTimeout } =
        globalThis;
      const platform = { crypto, TextEncoder, TextDecoder, URL, console, setTimeout, clearTimeout };
      const { btoa, atob, CryptoKey } = globalThis;
      const own = { module, require: createRequire(import.meta.url), btoa, atob, CryptoKey };
      runInContext(outputFiles[0]?.text ?? '', createContext({ ...platform, ...own }));
      const seen = await module.exports.wholeLife([
        rootSecret('a'),
        crypto.getRandomValues(new Uint8Array(32)),
      ]);
      // Objects of that realm have other prototypes.
      expect(structuredClone(seen)).toStrictEqual(expected);
    },
  );
});
