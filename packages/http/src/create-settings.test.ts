import { ConfigurationError } from '@pawl/core';
import { expect, test } from 'vitest';
import { origin, request, setUp } from '../test/fixture.ts';
import { createMemoryStore } from '../test/memory-store.ts';
import { createDpop } from './dpop/dpop.ts';

type Options = Parameters<typeof setUp>[0];

test.each<[string, Options]>([
  ['sessions', { sessions: undefined as never }],
  ['origin', { origin: undefined as never }],
  ['origin', { origin: 'app.example.com' }],
  ['origin', { origin: 'https://app.example.com/' }],
  ['origin', { origin: 'http://app.example.com' }],
  ['origin', { origin: 'http://localhost.evil.example' }],
  ['origin', { origin: 'ftp://localhost' }],
  ['deliver', { deliver: 'cookie' as 'cookies' }],
  ['deliver', { cookies: false, deliver: 'cookies' }],
  ['deliver', { cookies: false, deliver: 'both' }],
  ['allowedOrigins', { cookies: false, allowedOrigins: ['https://a.example'] }],
  ['missingOrigin', { cookies: false, missingOrigin: 'allow' }],
  ['clearSiteData', { cookies: false, clearSiteData: true }],
  ['requiredHeader', { cookies: false, requiredHeader: 'X-BFF' }],
  ['requiredHeader', { requiredHeader: 'X BFF' }],
  ['requiredHeader', { requiredHeader: '' }],
  ['authPath', { authPath: 'auth' }],
  ['authPath', { authPath: '/a b' }],
  ['authPath', { authPath: '//evil.example' }],
  ['pathPrefix', { pathPrefix: 'api' }],
  ['cookies.refreshPath', { cookies: { refreshPath: '/other' } as object }],
  ['cookies.accessName', { cookies: { accessName: 'at' } as object }],
  ['bodyLimit', { bodyLimit: 10 }],
  ['bodyLimit', { bodyLimit: Number.NaN }],
])('A16: contradicting options fail at construction and name %s: %o', (option, options) => {
  expect(() => setUp(options)).toThrow(ConfigurationError);
  expect(() => setUp(options)).toThrow(expect.objectContaining({ option }));
});

test('plain http on another host needs an option that says what it is', async () => {
  const options = { origin: 'http://web:3000', allowedOrigins: ['http://10.0.0.5:8080'] };
  expect(() => setUp(options)).toThrow('origin: must be https');
  expect(() => setUp(options)).toThrow('dangerouslyAllowPlainHttp');
  const allowed = { ...options, dangerouslyAllowPlainHttp: true };
  const { http } = setUp(allowed);
  const login = await http.login(request('POST', '/login', { origin: 'http://10.0.0.5:8080' }), {
    userId: 'ann',
  });
  expect(login.cookies[0]).not.toContain('Secure');
  expect(() => setUp({ ...allowed, origin: 'ftp://web' })).toThrow('origin');
  expect(() => setUp({ ...allowed, cookies: { mode: 'pair', sameSite: 'None' } })).toThrow(
    'cookies.sameSite',
  );
  const dpop = { store: createMemoryStore(), origin: 'http://web:3000' };
  expect(() => createDpop(dpop)).toThrow('origin');
  expect(createDpop({ ...dpop, dangerouslyAllowPlainHttp: true })).toBeDefined();
});

test('an invalid dpop is a configuration error', () => {
  const dpop = { store: createMemoryStore(), origin } as unknown as ReturnType<typeof createDpop>;
  expect(() => setUp({ dpop })).toThrow(expect.objectContaining({ option: 'dpop' }));
});

test('the routes are at authPath', () => {
  const paths = (options: Options) => setUp(options).http.routes.map(({ path }) => path);
  expect(paths({})).toContain('/auth/refresh');
  expect(paths({ authPath: '/' })).toContain('/refresh');
  expect(paths({ authPath: '/api/auth/' })).toContain('/api/auth/sessions/:id');
  expect(paths({ authPath: '/' })).toContain('/.well-known/jwks.json');
});

test('the cookies belong to the whole host, whatever path the routes have', async () => {
  const { http } = setUp({ pathPrefix: '/api' });
  expect(http.routes.map(({ path }) => path)).toContain('/auth/refresh');
  const login = await http.login(request('POST', '/login', { origin }), { userId: 'ann' });
  expect(login.cookies).toHaveLength(2);
  for (const cookie of login.cookies) expect(cookie).toContain('; Path=/;');
});

test('deliver is body without cookies', async () => {
  const { http } = setUp({ cookies: false });
  const login = await http.login(request('POST', '/login'), { userId: 'ann' });
  expect(login).toMatchObject({ cookies: [], body: { token_type: 'Bearer' } });
});
