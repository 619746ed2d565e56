import { generateSigningKey, jwtAccessTokens } from '@pawl/core/jwt';
import { expect, test } from 'vitest';
import { setUp } from '../../test/fixture.ts';

test('the key set of JWTs is public and may be cached; opaque tokens have none', async () => {
  const key = await generateSigningKey('ES256');
  const jwt = setUp(
    {},
    { accessToken: jwtAccessTokens({ issuer: 'https://a.example', audience: 'a', keys: [key] }) },
  );
  const published = await jwt.send('GET', '/.well-known/jwks.json');
  expect(published).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'public, max-age=300' },
    body: { keys: [{ kty: 'EC', kid: key.kid }] },
  });
  expect(JSON.stringify(published.body)).not.toContain('"d"');
  expect(await setUp().send('GET', '/.well-known/jwks.json')).toMatchObject({ body: { keys: [] } });
});

test('two Pawls of one application have two paths, and one of them may have none', async () => {
  const paths = (jwksPath?: string | false) =>
    setUp({ jwksPath }).http.routes.map(({ path }) => path);
  expect(paths('/.well-known/staff.json')).toContain('/.well-known/staff.json');
  expect(paths('/.well-known/staff.json')).not.toContain('/.well-known/jwks.json');
  expect(paths(false).filter((path) => path.includes('jwks'))).toEqual([]);
  for (const jwksPath of ['/', 'keys', '/a b']) {
    expect(() => setUp({ jwksPath })).toThrow(expect.objectContaining({ option: 'jwksPath' }));
  }
});
