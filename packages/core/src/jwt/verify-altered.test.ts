import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultCrypto } from '#crypto';
import {
  b64,
  ec,
  ed,
  header,
  jwtWith,
  payload,
  refusalOf,
  remember,
  rsa,
  secret,
  signed,
  text,
} from '../../test/jwts.ts';
import { type Jwt } from './jwt.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('JW-09: an altered token', () => {
  const jwts: [string, Jwt][] = [
    ['HS256', jwtWith()],
    ['EdDSA', jwtWith({ keys: [ed] })],
    ['ES256', jwtWith({ keys: [ec] })],
    ['RS256', jwtWith({ keys: [rsa] })],
  ];

  test.each(jwts)('%s: no bit of it can be flipped', async (_, jwt) => {
    const token = await jwt.sign(payload);
    await remember(token, jwt);
    const bytes = Buffer.from(token, 'latin1');
    const accepted: string[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      if ((await refusalOf(flipped.toString('latin1'), jwt)) === undefined)
        accepted.push(`bit ${bit}`);
    }
    expect(accepted).toEqual([]);
  });

  test.each(jwts)('%s: nothing can be cut off, added or moved', async (_, jwt) => {
    const token = await jwt.sign(payload);
    await remember(token, jwt);
    for (let length = 0; length < token.length; length++) {
      expect(await refusalOf(token.slice(0, length), jwt)).toBeDefined();
      expect(await refusalOf(token.slice(length + 1), jwt)).toBeDefined();
    }
    const changes = [
      `${token}=`,
      `${token}A`,
      ` ${token}`,
      `${token}\n`,
      `${token}.`,
      `${token}.AAAA`,
      `.${token}`,
      token.toUpperCase(),
    ];
    for (const changed of changes) expect(await refusalOf(changed, jwt)).toBeDefined();
    const letter = fc.constantFrom('A', '-', '.', '=', ' ', '\n', '\0', 'é', '\ud800');
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length), letter, async (index, inserted) => {
        const changed = token.slice(0, index) + inserted + token.slice(index);
        expect(await refusalOf(changed, jwt)).toBeDefined();
      }),
    );
  });

  test('spare bits at the end of a well signed segment', async () => {
    const [head, ,] = signed(header).split('.') as [string, string, string];
    const odd = b64(text({ ...payload, pad: '' })).length % 4;
    const filled = text({ ...payload, pad: 'x'.repeat(odd === 0 ? 1 : 0) });
    const middle = b64(filled);
    const next = { A: 'B', Q: 'R', g: 'h', w: 'x' } as Record<string, string>;
    const last = middle.at(-1) as string;
    const respelt =
      middle.slice(0, -1) + (next[last] ?? String.fromCharCode(last.charCodeAt(0) + 1));
    expect(Buffer.from(respelt, 'base64url').toString()).toBe(filled);
    const sign = (input: string): string =>
      `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    expect(await refusalOf(sign(`${head}.${middle}`))).toBeUndefined();
    expect(await refusalOf(sign(`${head}.${respelt}`))).toBe('malformed');
    expect(await refusalOf(sign(`${head}.${middle} `))).toBe('malformed');
  });

  test('a well signed segment in another spelling, whatever is known of its header', async () => {
    const sign = (input: string): string =>
      `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    // `ours` is known from the beginning, `theirs` from the moment it was verified.
    const [ours, theirs] = [header, { ...header, x: 1 }].map((each) => b64(text(each)));
    for (const head of [ours, theirs]) {
      const jwt = jwtWith();
      for (const round of ['not known yet', 'known']) {
        for (const pad of ['', 'x', 'xx']) {
          // Question marks and tildes give the two letters in which alphabets differ.
          const raw = text({ ...payload, pad: `${pad}???>>>~~~` });
          const middle = b64(raw);
          const standard = Buffer.from(raw).toString('base64');
          const spellings = [
            standard,
            standard.replaceAll('=', ''),
            `${middle}=`,
            `${middle}==`,
            `${middle}===`,
            middle.padEnd(Math.ceil(middle.length / 4) * 4, '='),
            ...[' ', '\n', '\t', '\f', '\r', '\0', 'é'].flatMap((odd) =>
              [1, 2, 3, 4].flatMap((times) => [
                odd.repeat(times) + middle,
                middle.slice(0, 40) + odd.repeat(times) + middle.slice(40),
                middle + odd.repeat(times),
              ]),
            ),
          ].filter((spelling) => spelling !== middle);
          for (const spelling of spellings) {
            const refusal = await refusalOf(sign(`${head}.${spelling}`), jwt);
            expect([round, spelling, refusal]).toEqual([
              round,
              spelling,
              expect.stringMatching(/malformed|forged/),
            ]);
          }
          expect(await refusalOf(sign(`${head}.${middle}`), jwt)).toBeUndefined();
        }
      }
      expect(await refusalOf(sign(`${head}.`), jwt)).toBe('malformed');
      expect(await refusalOf(sign(`${head}`), jwt)).toBe('malformed');
      expect(await refusalOf(`${head}A`, jwt)).toBe('malformed');
    }
  });

  test('another spelling of a signature, or a fourth segment, behind a known header', async () => {
    const token = signed(header);
    const end = token.lastIndexOf('.') + 1;
    const signature = token.slice(end);
    const standard = Buffer.from(signature, 'base64url').toString('base64');
    const spellings = [
      `${signature}=`,
      `${signature} `,
      ` ${signature}`,
      `${signature}.`,
      `${signature}.AAAA`,
      `.${signature}`,
      standard,
      '',
    ];
    for (const spelling of spellings) {
      expect(await refusalOf(token.slice(0, end) + spelling)).toBe('malformed');
    }
  });

  test('what is too long is refused before it is hashed', async () => {
    const sha256Key = vi.fn<(input: string) => string>(defaultCrypto.sha256Key);
    const jwt = jwtWith({ maxLength: 400, crypto: { ...defaultCrypto, sha256Key } });
    const long = signed(header, { ...payload, pad: 'x'.repeat(300) });
    expect(await refusalOf(long, jwtWith())).toBeUndefined();
    expect(await refusalOf(long, jwt)).toBe('malformed');
    expect(await refusalOf(`${'A'.repeat(8193)}`)).toBe('malformed');
    expect(sha256Key).not.toHaveBeenCalled();
  });

  test('anything but a string', async () => {
    for (const token of [
      undefined,
      null,
      1,
      {},
      [],
      Buffer.from(signed(header)),
      [signed(header)],
    ]) {
      expect(await refusalOf(token)).toBe('malformed');
      expect(await refusalOf(token, jwtWith({ cacheSize: 0 }))).toBe('malformed');
    }
  });

  test('arbitrary text gives an error of ours, and no other', async () => {
    const segments = fc.array(fc.oneof(fc.string().map(b64), fc.json().map(b64), fc.string()), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(segments, async (parts) => {
        expect(await refusalOf(parts.join('.'))).toMatch(/malformed|wrong_type|kid_unknown|forged/);
      }),
      { numRuns: 500 },
    );
  });

  test('an arbitrary header gives an error of ours, unless it is right', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('HS256', 'at+jwt', 'h'));
    const anyHeader = fc.record(
      { alg: value, typ: value, kid: value, x: value },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(anyHeader, async (head) => {
        const isRight = head.alg === 'HS256' && head.typ === 'at+jwt' && head.kid === 'h';
        expect((await refusalOf(signed(head))) === undefined).toBe(isRight);
      }),
      { numRuns: 500 },
    );
  });
});
