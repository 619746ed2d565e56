import fc from 'fast-check';
import { CompactSign } from 'jose/jws/compact/sign';
import { flattenedVerify } from 'jose/jws/flattened/verify';
import { expect, test } from 'vitest';
import { defaultCrypto } from '#crypto';
import { utf8 } from '../token/bytes.ts';
import { type CompactJws, splitCompact } from './compact.ts';
import { openerFor } from './open.ts';
import type { SymmetricSigningKey } from './signing-key.ts';

const key: SymmetricSigningKey = { kid: 'h', alg: 'HS256', secret: new Uint8Array(32).fill(7) };
const open = openerFor(key, defaultCrypto);

const signedByJose = async (payload: Uint8Array, secret = key.secret): Promise<CompactJws> => {
  const header = { alg: 'HS256', typ: 'at+jwt', kid: 'h' };
  return splitCompact(
    await new CompactSign(payload).setProtectedHeader(header).sign(secret),
    100_000,
  );
};

/** The payload in hexadecimal, or why there is none. */
const joseSays = (jws: CompactJws): Promise<string> =>
  flattenedVerify(jws, key.secret, { algorithms: ['HS256'] }).then(
    ({ payload }) => Buffer.from(payload).toString('hex'),
    () => 'forged',
  );

const weSay = (jws: CompactJws): unknown => {
  try {
    return Buffer.from(open(jws) as Uint8Array).toString('hex');
  } catch (error) {
    return (error as { refusal?: unknown }).refusal;
  }
};

test('HS256: what jose signs is opened, and nothing that jose refuses', async () => {
  const change = fc.record({
    segment: fc.constantFrom('protected', 'payload', 'signature' as const),
    at: fc.nat(),
    letter: fc.constantFrom('A', 'B', 'a', 'b', '0', '9', '-', '_'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      change,
      async (payload, changed) => {
        const jws = await signedByJose(payload);
        expect(weSay(jws)).toBe(Buffer.from(payload).toString('hex'));
        const { segment, at, letter } = changed;
        const text = jws[segment];
        const place = at % text.length;
        const other = { ...jws, [segment]: text.slice(0, place) + letter + text.slice(place + 1) };
        expect(weSay(other)).toBe(await joseSays(other));
      },
    ),
    { numRuns: 300 },
  );
});

test('HS256: another secret, a cut or a longer signature is a forgery', async () => {
  const jws = await signedByJose(utf8('{}'), new Uint8Array(32).fill(8));
  expect(weSay(jws)).toBe('forged');
  const mine = await signedByJose(utf8('{}'));
  expect(weSay(mine)).toBe(Buffer.from('{}').toString('hex'));
  for (const signature of ['', 'AAAA', mine.signature.slice(0, 40), `${mine.signature}AAAA`]) {
    expect(weSay({ ...mine, signature })).toBe('forged');
  }
});

test('HS256: what its maker did not spell as base64url is refused though the signature holds', () => {
  const payload = 'e30+{}';
  const mac = defaultCrypto.hmacSha256(key.secret, utf8(`h.${payload}`));
  const signature = Buffer.from(mac).toString('base64url');
  expect(weSay({ protected: 'h', payload, signature })).toBe('forged');
});

test('JW-08: a secret that has become too short opens nothing', () => {
  const short = { ...key, secret: new Uint8Array(31) };
  const jws = { protected: 'e30', payload: 'e30', signature: 'AAAA' };
  expect(() => openerFor(short, defaultCrypto)(jws)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIGURATION', option: 'keys' }),
  );
});
