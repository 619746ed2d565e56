import { describe, expect, test } from 'vitest';
import { createProver } from '../../test/dpop/proofs.ts';
import {
  accessToken,
  good,
  refusalOf,
  request,
  secret,
  setUp,
  start,
} from '../../test/dpop/verifier.ts';
import type { Dpop } from './dpop.ts';
import { isDpopError } from './dpop-error.ts';

const ec = await createProver();

describe('DP-11: nonces', () => {
  const nonce = { secrets: [secret] };
  const nonceOf = async (dpop: Dpop, claims = good()): Promise<string> => {
    try {
      await dpop.verify(request(await ec.prove(claims)), accessToken);
    } catch (error) {
      if (error instanceof Error && isDpopError(error)) return error.nonce ?? error.refusal;
    }
    return 'accepted';
  };

  test('are required, accepted, and valid for one more slot but not two', async () => {
    const { dpop, wait } = setUp({ nonce });
    const first = await nonceOf(dpop);
    expect(first).toMatch(/^[\w-]{24}$/);
    expect(await nonceOf(dpop, { ...good(), nonce: first })).toBe('accepted');
    wait(60_000);
    const second = await nonceOf(dpop);
    expect(second).not.toBe(first);
    expect(await nonceOf(dpop, { ...good(), nonce: first })).toBe('accepted');
    wait(60_000);
    const third = await nonceOf(dpop, { ...good(), nonce: first });
    expect(third).toMatch(/^[\w-]{24}$/);
    expect([first, second]).not.toContain(third);
    for (const odd of [1, null, [third], { toString: third }, '', `${third}A`]) {
      expect(await nonceOf(dpop, { ...good(), nonce: odd })).toBe(third);
    }
  });

  test('limit the age of a proof instead of the client’s clock', async () => {
    const { dpop, wait } = setUp({ nonce });
    const current = await nonceOf(dpop);
    const proof = await ec.prove({ ...good(), nonce: current, iat: 5 });
    await (await dpop.verify(request(proof), accessToken)).consume();
    // Accepted until the end of the next slot, so it is recorded as used until then.
    const rest = 120_000 - (start % 60_000) - 1;
    wait(rest);
    const again = await dpop.verify(request(proof), accessToken);
    expect(await refusalOf(again.consume())).toBe('replayed');
  });

  test('are the same on all nodes, also while the secret is rotated', async () => {
    const newer = 'another root secret of enough random bytes: 9876543210';
    const before = setUp({ nonce }).dpop;
    const after = setUp({ nonce: { secrets: [newer, secret] } }).dpop;
    const given = await nonceOf(before);
    expect(await nonceOf(setUp({ nonce }).dpop)).toBe(given);
    expect(await nonceOf(after, { ...good(), nonce: given })).toBe('accepted');
    expect(await nonceOf(after)).not.toBe(given);
    const compromised = { secrets: [newer, { secret, status: 'compromised' as const }] };
    const wary = setUp({ nonce: compromised }).dpop;
    expect(await nonceOf(wary, { ...good(), nonce: given })).toBe(await nonceOf(after));
  });

  test('without the option a nonce is ignored', async () => {
    expect(await nonceOf(setUp().dpop, { ...good(), nonce: 'whatever' })).toBe('accepted');
  });
});
