import { createKeyRing, generateSecret } from '@pawl/core';
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

const sealed = async (): Promise<UpstreamSession> => ({
  ...(await sealTokenSet(sealer, 'one', tokenSet)),
  tokenGeneration: 0,
  fence: 0,
  sid: null,
  issuedAt: 0,
});

const refusal = { code: 'ERR_STORE_RECORD' };

test('what is sealed opens again, and shows nothing', async () => {
  const upstream = await sealed();
  expect(JSON.stringify(upstream)).not.toContain('CANARY');
  expect(
    Buffer.from(upstream.sealed.split('.')[2] ?? '', 'base64url').toString('latin1'),
  ).not.toContain('CANARY');
  expect(upstream).toMatchObject({ expiresAt: 5, renewable: true });
  expect(await openTokenSet(sealer, 'one', upstream)).toEqual(tokenSet);
});

test('no two seals are alike', async () => {
  expect((await sealed()).sealed).not.toBe((await sealed()).sealed);
});

test('it opens for no other session', async () => {
  const upstream = await sealed();
  await expect(openTokenSet(sealer, 'two', upstream)).rejects.toMatchObject(refusal);
  await expect(openTokenSet(sealer, 'one', undefined)).rejects.toMatchObject(refusal);
});

test('it opens in no other use', async () => {
  const text = await sealer.seal('x', 'login');
  await expect(sealer.open(text, 'session login')).rejects.toMatchObject(refusal);
});

test('a single bit that is not as it was sealed, and it stays shut', async () => {
  const { sealed: text } = await sealed();
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

test('the kid is sealed in: a text cannot be passed off as another key’s', async () => {
  const both = createKeyRing([now, old]);
  const text = await rolled.seal('x', 'session one');
  const swapped = text.replace(String(both.all[0]?.kid), String(both.all[1]?.kid));
  expect(swapped).not.toBe(text);
  await expect(rolled.open(swapped, 'session one')).rejects.toMatchObject(refusal);
});

test('after a roll-over the old key opens, and the new one seals', async () => {
  const upstream = await sealed();
  expect([sealer.isStale(upstream.sealed), rolled.isStale(upstream.sealed)]).toEqual([false, true]);
  const anew = await resealTokenSet(rolled, 'one', upstream.sealed);
  expect(rolled.isStale(anew)).toBe(false);
  const fresh = createSealer(createKeyRing([now]));
  expect(await openTokenSet(fresh, 'one', { ...upstream, sealed: anew })).toEqual(tokenSet);
  await expect(openTokenSet(fresh, 'one', upstream)).rejects.toMatchObject(refusal);
});

test('what a compromised key has sealed is not opened', async () => {
  const upstream = await sealed();
  const wary = createSealer(createKeyRing([now, { secret: old, status: 'compromised' }]));
  await expect(openTokenSet(wary, 'one', upstream)).rejects.toMatchObject(refusal);
});
