import fc from 'fast-check';
import type { BindingSuite } from '../harness/binding-suite.ts';

/** Text that a header may hold on the wire: up to U+00FF, without control characters. */
const latin = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 60,
});
const tokenLike = fc.string({
  unit: fc.constantFrom(...'abcXYZ019-_.~+/='.split('')),
  maxLength: 130,
});
const value = fc.oneof(
  latin,
  tokenLike.map((token) => `Bearer ${token}`),
  tokenLike.map((token) => `DPoP ${token}`),
  tokenLike.map((token) => `Bearer pawl_at_${token}`),
  tokenLike.map((token) => `access_token=pawl_at_${token}; refresh_token=${token}`),
  fc.array(latin, { maxLength: 4 }).map((all) => `access_token=${all.join('; access_token=')}`),
  fc.constantFrom('same-origin', 'none', 'null', 'application/json', 'http://localhost:8080', ''),
);
const name = fc.constantFrom(
  'authorization',
  'dpop',
  'cookie',
  'origin',
  'referer',
  'sec-fetch-site',
  'sec-fetch-mode',
  'content-type',
  'content-encoding',
  'user-agent',
  'x-forwarded-for',
  'forwarded',
);

/** The responses that a stranger may receive: never 5xx, never the content behind a guard. */
const responses: readonly (readonly [method: string, path: string, expected: RegExp])[] = [
  ['GET', '/mine', /^40[01] /],
  ['POST', '/mine', /^40[013] /],
  ['GET', '/anyone', /^(200 \{"user":null\}$|40[01] )/],
  ['POST', '/auth/refresh', /^(400|401|403|415) /],
  ['POST', '/auth/logout', /^(204|400|401|403|415) /],
  ['GET', '/auth/session', /^200 \{"authenticated":false\}$/],
  ['GET', '/auth/sessions', /^40[01] /],
  ['DELETE', '/auth/sessions', /^40[013] /],
  ['DELETE', '/auth/sessions/x', /^40[013] /],
  // A framework that parses bodies may reject this one.
  ['POST', '/login', /^(200|400|403|415) /],
];

/** E20: requests with random headers. */
export const registerRandomHeaders = (suite: BindingSuite): void =>
  suite.group('random headers', () => {
    suite.test('no header passes a guard or makes a route fail', async (t) => {
      const service = await t.serve({ http: { trustedProxies: ['127.0.0.1'] } });
      const { runs = 300, seed } = t.options;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...responses),
          fc.array(fc.tuple(name, value), { maxLength: 8 }),
          fc.string({ maxLength: 30 }),
          async ([method, path, expected], headers, body) => {
            const sent = ['host', 'localhost', ...headers.flat()];
            const bytes = method === 'POST' && path.startsWith('/auth') ? body : undefined;
            if (bytes !== undefined) sent.push('content-length', String(Buffer.byteLength(bytes)));
            const { status, text } = await service.send(method, path, sent, bytes);
            t.same(
              expected.test(`${status} ${text}`),
              true,
              `${method} ${path}: ${status} ${text}`,
            );
          },
        ),
        { numRuns: runs, ...(seed !== undefined && { seed }) },
      );
    });
  });
