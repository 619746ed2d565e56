import { createMemoryStore } from '@pawl/memory';
import { freePort } from '@pawl/testkit/servers';
import { generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { createAuthentication } from './caller.ts';

test('a provider whose keys cannot be had is an outage; a token that is none is refused', async () => {
  const places = {
    origin: 'http://localhost:1',
    issuer: `http://127.0.0.1:${await freePort()}`,
    api: 'http://127.0.0.1:2',
  };
  const authenticate = createAuthentication(places, createMemoryStore());
  const outcomeOf = (authorization: string): Promise<unknown> =>
    authenticate({
      method: 'GET',
      path: '/me',
      header: (name) => (name === 'authorization' ? authorization : undefined),
    });
  const { privateKey } = await generateKeyPair('RS256');
  const token = await new SignJWT()
    .setProtectedHeader({ typ: 'at+jwt', alg: 'RS256' })
    .sign(privateKey);

  await expect(outcomeOf(`DPoP ${token}`)).rejects.toThrow('fetch failed');
  expect(await outcomeOf('DPoP a.b.c')).toBeNull();
  expect(await outcomeOf(`Bearer ${token}`)).toBeNull();
});
