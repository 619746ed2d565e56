import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createProver, encoded } from '../../test/dpop/proofs.ts';
import { accessToken, good, refusalOf, request, setUp } from '../../test/dpop/verifier.ts';

const ec = await createProver();

describe('E20: any input', () => {
  test('garbage is always refused', async () => {
    const { dpop } = setUp();
    const segment = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc
        .record({
          typ: fc.constant('dpop+jwt'),
          alg: fc.constantFrom('ES256', 'PS256', 'EdDSA'),
          jwk: fc.anything(),
        })
        .map(encoded),
    );
    const header = fc.oneof(
      fc.string(),
      fc.array(fc.string()),
      fc.tuple(segment, segment, segment).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(header, async (proof) => {
        expect(await refusalOf(dpop.verify(request(proof), accessToken))).not.toBe('accepted');
      }),
      { numRuns: 1_000 },
    );
  });

  test('a proof with any changed character is refused', async () => {
    const { dpop } = setUp();
    const proof = await ec.prove(good());
    await dpop.verify(request(proof), accessToken);
    const letters = fc.constantFrom(...Array.from('ABCXYZabcxyz0189-_.'));
    await fc.assert(
      fc.asyncProperty(fc.nat(proof.length - 2), letters, async (at, letter) => {
        fc.pre(proof[at] !== letter);
        const changed = proof.slice(0, at) + letter + proof.slice(at + 1);
        expect(await refusalOf(dpop.verify(request(changed), accessToken))).not.toBe('accepted');
      }),
      { numRuns: 500 },
    );
  });

  test('claims of any kind are accepted or refused, never an error', async () => {
    const { dpop } = setUp();
    const claims = fc.record(
      {
        jti: fc.anything(),
        htm: fc.anything(),
        htu: fc.anything(),
        iat: fc.anything(),
        ath: fc.anything(),
        nonce: fc.anything(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(claims, async (odd) => {
        const payload = { ...good(), ...odd };
        let proof: string;
        try {
          proof = await ec.prove(payload);
        } catch {
          return;
        }
        const refusal = await refusalOf(dpop.verify(request(proof), accessToken));
        const honest = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>;
        const isGood = ['htm', 'htu', 'iat', 'ath'].every((name) => honest[name] === good()[name]);
        expect(refusal === 'accepted').toBe(
          isGood && typeof honest['jti'] === 'string' && honest['jti'] !== '',
        );
      }),
      { numRuns: 200 },
    );
  });
});
