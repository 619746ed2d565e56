import { createServer } from 'node:http';
import { createMemoryStore } from '@pawl/memory';
import { freePort } from '@pawl/servers';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, createAuthentication } from '../src/api/caller.ts';
import { listen } from '../src/listen.ts';
import { createProver } from './proof.ts';

const port = await freePort();
const issuer = `http://127.0.0.1:${port}`;
const api = 'http://127.0.0.1:1';
const authenticate = createAuthentication({ origin: '', issuer, api }, createMemoryStore());
const { privateKey, publicKey } = await generateKeyPair('RS256');
const owner = await createProver();

let provider: AsyncDisposable;
beforeAll(async () => {
  const keys = JSON.stringify({ keys: [await exportJWK(publicKey)] });
  provider = await listen(
    createServer((_, response) => response.end(keys)),
    port,
    'PROVIDER_PORT',
  );
});
afterAll(() => provider[Symbol.asyncDispose]());

const tokenOf = (claims: JWTPayload = {}, typ = 'at+jwt', key = privateKey): Promise<string> =>
  new SignJWT({
    iss: issuer,
    aud: api,
    sub: 'ann',
    jti: 'id',
    exp: Math.floor(Date.now() / 1_000) + 60,
    cnf: { jkt: owner.jkt },
    ...claims,
  })
    .setProtectedHeader({ typ, alg: 'RS256' })
    .sign(key);

const call = (token: string, proof?: string, scheme = 'DPoP'): Promise<Caller | null> =>
  authenticate({
    method: 'GET',
    path: '/me',
    header: (name) =>
      ({ authorization: `${scheme} ${token}`, dpop: proof })[name as 'authorization' | 'dpop'],
  });

test('a caller is known by a token and a proof, which is accepted once', async () => {
  const token = await tokenOf();
  const proof = await owner.prove(`${api}/me`, token);
  expect(await call(token, proof)).toMatchObject({ user: 'ann', tokenId: 'id', key: owner.jkt });
  expect(await call(token, proof)).toBeNull();
});

test.each<[string, JWTPayload, string?]>([
  ['of another issuer', { iss: 'http://127.0.0.1:2' }],
  ['for another API', { aud: 'http://127.0.0.1:2' }],
  ['that has expired', { exp: 1 }],
  ['that is an ID token', {}, 'JWT'],
  ['that is not bound to a key', { cnf: undefined }],
  ['that is bound to another key', { cnf: { jkt: 'another' } }],
])('a token %s is refused', async (_, claims, typ) => {
  const token = await tokenOf(claims, typ);
  expect(await call(token, await owner.prove(`${api}/me`, token))).toBeNull();
});

test('without its own proof for this call, or as a bearer token, a token is refused', async () => {
  const token = await tokenOf();
  const stranger = await createProver();
  expect(await call(token)).toBeNull();
  expect(await call(token, await stranger.prove(`${api}/me`, token))).toBeNull();
  expect(await call(token, await owner.prove(`${api}/echo`, token))).toBeNull();
  expect(await call(token, await owner.prove(`${api}/me`, token), 'Bearer')).toBeNull();
});

test('a token that was signed with another key is refused', async () => {
  const { privateKey: another } = await generateKeyPair('RS256');
  const token = await tokenOf({}, 'at+jwt', another);
  expect(await call(token, await owner.prove(`${api}/me`, token))).toBeNull();
});

test('if the provider’s keys are unavailable, it is an error and not a refusal', async () => {
  const unreachable = `http://127.0.0.1:${await freePort()}`;
  const elsewhere = createAuthentication(
    { origin: '', issuer: unreachable, api },
    createMemoryStore(),
  );
  const authorization = `DPoP ${await tokenOf()}`;
  await expect(
    elsewhere({ method: 'GET', path: '/me', header: () => authorization }),
  ).rejects.toThrow('fetch failed');
});
