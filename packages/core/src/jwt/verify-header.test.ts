import { createHmac } from 'node:crypto';
import { EncryptJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { b64, header, jwtWith, payload, refusalOf, secret, signed } from '../../test/jwts.ts';

describe('JW-04: extensions', () => {
  test.each([
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: true },
    { crit: ['b64'], b64: false },
    { crit: ['kid'] },
    { crit: [] },
    { crit: 'b64' },
    { crit: null },
    { b64: false },
    { b64: true },
  ])('%j', async (extension) => {
    expect(await refusalOf(signed({ ...header, ...extension }))).toBe('malformed');
  });

  test('an unencoded payload', async () => {
    const head = b64(JSON.stringify({ ...header, b64: false, crit: ['b64'] }));
    const input = `${head}.abcd`;
    const signature = createHmac('sha256', secret).update(input).digest('base64url');
    expect(await refusalOf(`${input}.${signature}`)).toBe('malformed');
  });
});

describe('JW-05: each kind of token for its own use', () => {
  const types = ['at+jwt', 'rt+jwt', 'logout+jwt', 'dpop+jwt', 'dbsc+jwt', 'csrf+jwt', 'jwt'];

  test('no kind passes for another', async () => {
    for (const made of types) {
      const token = await jwtWith({ typ: made }).sign(payload);
      for (const asked of types) {
        const refusal = await refusalOf(token, jwtWith({ typ: asked }));
        expect([made, asked, refusal]).toEqual([
          made,
          asked,
          made === asked ? undefined : 'wrong_type',
        ]);
      }
    }
  });

  test('the type has to be there, as text, in its one spelling or as the full media type', async () => {
    const wrong = [
      undefined,
      null,
      '',
      1,
      ['at+jwt'],
      'JWT',
      'AT+JWT',
      'at+jwt ',
      'application/jwt',
      'application/at+jwt; a=b',
      'x/at+jwt',
    ];
    for (const typ of wrong) expect(await refusalOf(signed({ ...header, typ }))).toBe('wrong_type');
    expect(await refusalOf(signed({ ...header, typ: 'application/at+jwt' }))).toBeUndefined();
  });
});

describe('JW-10: encryption and compression', () => {
  test('a JWE', async () => {
    const jwe = await new EncryptJWT(payload)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid: 'h' })
      .encrypt(secret);
    expect(await refusalOf(jwe)).toBe('malformed');
  });

  test.each([{ zip: 'DEF' }, { enc: 'A256GCM' }])('%j in the header', async (extra) => {
    expect(await refusalOf(signed({ ...header, ...extra }))).toBe('malformed');
  });
});
