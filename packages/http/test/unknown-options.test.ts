import { createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import { expect, test } from 'vitest';
import { createDpop } from '../src/dpop/dpop.ts';
import { createHttp } from '../src/http.ts';
import { origin, request, secret, setUp } from './fixture.ts';
import { createMemoryStore } from './memory-store.ts';

const store = createMemoryStore();
const rateLimits = { store, secrets: [secret] };

test.each<[string, object]>([
  ['unknownThing', { unknownThing: 1 }],
  ['sameSite', { sameSite: 'None' }],
  ['cookies.domain', { cookies: { domain: 'example.com' } }],
  ['cookies.maxAge', { cookies: { mode: 'pair', maxAge: 1 } }],
  ['cookies', { cookies: true }],
  ['oauth.client', { oauth: { clients: () => true, client: 1 } }],
  ['openapi.licence', { openapi: { title: 'A', version: '1', licence: 1 } }],
  ['rateLimits.ipv4Prefix', { rateLimits: { ...rateLimits, ipv4Prefix: 24 } }],
  ['rateLimits.policy.max', { rateLimits: { ...rateLimits, policy: { max: 1 } } }],
  [
    'rateLimits.routes.login.window',
    { rateLimits: { ...rateLimits, routes: { login: { limit: 1, burst: 1, window: 1 } } } },
  ],
  ['rateLimits.routes.login', { rateLimits: { ...rateLimits, routes: { login: undefined } } }],
])('A16: createHttp names an unknown option: %s', (option, options) => {
  expect(() => setUp(options)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIGURATION', option }),
  );
});

test('A16: an option of another mode names that mode', () => {
  expect(() => setUp({ cookies: { refreshName: false } as never })).toThrow(
    'cookies.refreshName: requires cookies.mode: pair',
  );
});

test('A16: the option that was probably meant is named', () => {
  expect(() => setUp({ allowedOrigin: [origin] } as object)).toThrow(
    'did you mean allowedOrigins?',
  );
  expect(() => setUp({ cookies: { samesite: 'Strict' } as never })).toThrow(
    'did you mean cookies.sameSite?',
  );
});

test('A16: no options at all', () => {
  for (const odd of [undefined, null, 5]) {
    expect(() => createHttp(odd as never)).toThrow(expect.objectContaining({ option: 'options' }));
  }
});

test('A16: guards, limits, logins and DPoP name one too', async () => {
  const { http } = setUp({ rateLimits });
  const named = (option: string): unknown =>
    expect.objectContaining({ code: 'ERR_CONFIGURATION', option });
  expect(() => http.guard({ maxAge: 1 } as object)).toThrow(named('maxAge'));
  expect(() => http.optionalGuard({ allowed: () => true } as object)).toThrow(named('allowed'));
  expect(() => http.rateLimit('own', { limit: 1, burst: 1, max: 1 } as never)).toThrow(
    named('policy.max'),
  );
  await expect(
    http.login(request('POST', '/login', { origin }), { userId: 'ann' }, {
      delivery: 'body',
    } as object),
  ).rejects.toThrow(named('delivery'));
  const dpop = { store, origin };
  expect(() => createDpop({ ...dpop, alg: ['ES256'] } as never)).toThrow(named('alg'));
  expect(() => createDpop({ ...dpop, nonce: { secrets: [secret], ttl: 1 } as never })).toThrow(
    named('nonce.ttl'),
  );
});

test('cookies without a refresh cookie need access tokens without an end', () => {
  const pair = { mode: 'pair', refreshName: false } as const;
  expect(() => setUp({ cookies: pair })).toThrow(
    expect.objectContaining({ option: 'cookies.refreshName' }),
  );
  expect(() => setUp({ cookies: pair }, { accessTokenLifetime: Infinity })).not.toThrow();
});

test('the mode without sessions takes options of its own', () => {
  const accessTokens = createAccessTokens({
    secrets: [secret],
    format: jwtAccessTokens({ issuer: 'i', audience: 'a' }),
  });
  expect(() => createHttp({ accessTokens, origin, cookies: { name: 'at' } })).not.toThrow();
  expect(() => createHttp({ accessTokens, origin, cookies: { mode: 'session' } })).toThrow(
    expect.objectContaining({ option: 'cookies.mode' }),
  );
});
