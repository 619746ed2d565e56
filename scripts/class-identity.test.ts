import { expect, test } from 'vitest';
import { foreignIdentities } from './source/class-identity.ts';

test('instanceof with a built-in or imported class is found, with an own one it is not', () => {
  const found = foreignIdentities(`
    import { errors, HTTPException } from 'jose';
    import { Own, type Other as Renamed } from './own.ts';
    class Here extends Error {}
    // x instanceof Date
    /* x instanceof Promise */
    const a = x instanceof Uint8Array || x instanceof errors.JOSEError;
    const b = x instanceof Own || x instanceof Renamed || x instanceof Here;
    const c = x instanceof HTTPException;
  `);
  expect(found).toStrictEqual(['Uint8Array', 'errors.JOSEError', 'HTTPException']);
});
