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
