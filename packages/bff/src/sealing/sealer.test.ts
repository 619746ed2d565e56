import { generateSecret } from '@pawl/core';
import { createKeyRing } from '@pawl/core/keys';
import { expect, test } from 'vitest';
import { createSealer } from './sealer.ts';
import { openTokenSet, resealTokenSet, sealTokenSet, type UpstreamTokenSet } from './token-set.ts';
import type { UpstreamSession } from './upstream-session.ts';

const [old, now] = [generateSecret(), generateSecret()];
const sealer = createSealer(createKeyRing([old]));
const rolled = createSealer(createKeyRing([now, old]));

const tokenSet: UpstreamTokenSet = {
  accessToken: 'CANARY-access',
  tokenType: 'Bearer',
  expiresAt: 5,
  obtainedAt: 4,
  refreshToken: 'CANARY-refresh',
  idToken: null,
  dpopKey: null,
};

const sealTokens = async (): Promise<UpstreamSession> => ({
  ...(await sealTokenSet(sealer, 'one', tokenSet)),
  tokenGeneration: 0,
  fence: 0,
  sid: null,
  issuedAt: 0,
});

const refusal = { code: 'ERR_STORE_RECORD' };

test('a sealed token set can be opened again, and reveals nothing', async () => {
  const upstream = await sealTokens();
  expect(JSON.stringify(upstream)).not.toContain('CANARY');
  expect(
    Buffer.from(upstream.sealed.split('.')[2] ?? '', 'base64url').toString('latin1'),
  ).not.toContain('CANARY');
  expect(upstream).toMatchObject({ expiresAt: 5, renewable: true });
  expect(await openTokenSet(sealer, 'one', upstream)).toEqual(tokenSet);
});

test('sealing the same tokens twice gives different texts', async () => {
  expect((await sealTokens()).sealed).not.toBe((await sealTokens()).sealed);
});

test('it cannot be opened for another session', async () => {
  const upstream = await sealTokens();
  await expect(openTokenSet(sealer, 'two', upstream)).rejects.toMatchObject(refusal);
  await expect(openTokenSet(sealer, 'one', undefined)).rejects.toMatchObject(refusal);
});

test('it cannot be opened in another context', async () => {
  const text = await sealer.seal('x', 'login');
  await expect(sealer.open(text, 'session login')).rejects.toMatchObject(refusal);
});

test('a text with one changed bit, or of another form, is refused', async () => {
  const { sealed: text } = await sealTokens();
  const [version, kid, body = ''] = text.split('.');
  const bytes = Buffer.from(body, 'base64url');
  for (const at of [0, 11, 12, 40, bytes.length - 17, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    const forged = `${version}.${kid}.${changed.toString('base64url')}`;
    await expect(sealer.open(forged, 'session one')).rejects.toMatchObject(refusal);
  }
  for (const odd of [
    '',
    'x',
    '1',
    `2.${kid}.${body}`,
    `1.${kid}.`,
    `1.${kid}.AAAA`,
    `1.70000.${body}`,
    `${text}.`,
  ]) {
    await expect(sealer.open(odd, 'session one')).rejects.toMatchObject(refusal);
  }
});

test('the kid is authenticated: a text with another kid is refused', async () => {
  const both = createKeyRing([now, old]);
  const text = await rolled.seal('x', 'session one');
  const swapped = text.replace(String(both.all[0]?.kid), String(both.all[1]?.kid));
  expect(swapped).not.toBe(text);
  await expect(rolled.open(swapped, 'session one')).rejects.toMatchObject(refusal);
});

test('after a rotation of the secrets the old key opens, and the new one seals', async () => {
  const upstream = await sealTokens();
  expect([sealer.isStale(upstream.sealed), rolled.isStale(upstream.sealed)]).toEqual([false, true]);
  const resealed = await resealTokenSet(rolled, 'one', upstream.sealed);
  expect(rolled.isStale(resealed)).toBe(false);
  const fresh = createSealer(createKeyRing([now]));
  expect(await openTokenSet(fresh, 'one', { ...upstream, sealed: resealed })).toEqual(tokenSet);
  await expect(openTokenSet(fresh, 'one', upstream)).rejects.toMatchObject(refusal);
});

test('a text that a compromised key sealed is refused', async () => {
  const upstream = await sealTokens();
  const wary = createSealer(createKeyRing([now, { secret: old, status: 'compromised' }]));
  await expect(openTokenSet(wary, 'one', upstream)).rejects.toMatchObject(refusal);
});
