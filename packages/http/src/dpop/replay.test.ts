import { expect, test } from 'vitest';
import { createProver } from '../../test/dpop/proofs.ts';
import {
  accessToken,
  good,
  origin,
  refusalOf,
  request,
  setUp,
  start,
} from '../../test/dpop/verifier.ts';
import { createMemoryStore } from '../../test/memory-store.ts';
import type { DpopOptions } from './dpop.ts';

const ec = await createProver();
const other = await createProver();

test('DP-10: a proof is accepted once, for as long as it could be accepted', async () => {
  const { dpop, wait } = setUp();
  const proof = await ec.prove({ ...good(), iat: start / 1_000 + 10 });
  const verify = (method = 'GET', path = '/notes') =>
    dpop.verify(request(proof, method, path), accessToken);
  const racing = await Promise.allSettled(
    Array.from({ length: 20 }, async () => (await verify()).consume()),
  );
  expect(racing.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  wait(70_000);
  expect(await refusalOf((await verify()).consume())).toBe('replayed');
  wait(1);
  expect(await refusalOf(verify())).toBe('iat');
});

test('DP-10: the same jti for another target, or of another key, is another proof', async () => {
  const { dpop } = setUp();
  const elsewhere = { ...good(), htu: `${origin}/other` };
  for (const [proof, path] of [
    [await ec.prove(good()), '/notes'],
    [await ec.prove(elsewhere), '/other'],
    [await other.prove(good()), '/notes'],
  ] as const) {
    const used = await dpop.verify(request(proof, 'GET', path), accessToken);
    expect(await refusalOf(used.consume())).toBe('accepted');
    expect(await refusalOf(used.consume())).toBe('replayed');
  }
});

test('DP-10: a store that fails is neither a pass nor a replay', async () => {
  const store = createMemoryStore();
  const broken = {
    singleUse: { ...store.singleUse, put: () => Promise.reject(new Error('ECONNREFUSED')) },
  };
  const { dpop } = setUp({ store: broken as unknown as DpopOptions['store'] });
  const proof = await dpop.verify(request(await ec.prove(good())), accessToken);
  await expect(proof.consume()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
});

test('DP-10: what is stored discloses nothing of the proof, in one store call', async () => {
  const calls: unknown[][] = [];
  const singleUse = {
    put: async (...args: unknown[]) => {
      calls.push(args);
      return true;
    },
  };
  const { dpop } = setUp({ store: { singleUse } as unknown as DpopOptions['store'] });
  await (await dpop.verify(request(await ec.prove(good())), accessToken)).consume();
  expect(calls).toStrictEqual([
    [expect.stringMatching(/^[\w-]{43}$/), '', 75_000, expect.any(Uint8Array)],
  ]);
});
