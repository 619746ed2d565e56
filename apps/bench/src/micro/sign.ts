import type { JwtClaimsInput, SigningAlgorithm } from '@pawl/core/jwt';
import { measure, ratioOf } from '../measuring/measure.ts';
import type { Section } from '../measuring/report.ts';
import { createIssuer, distinctClaims, joseSign } from './issuer.ts';

/** Measures the signing of an access token, with the same claims and key. */
export const sign = async (alg: SigningAlgorithm): Promise<Section> => {
  const issuer = await createIssuer(alg);
  const ours = `Pawl createJwt().sign ${alg}`;
  const peer = `jose SignJWT ${alg}, CryptoKey`;
  const measured = await measure<JwtClaimsInput>({
    title: `sign, ${alg}`,
    rounds: 31,
    prepare: () => Array.from({ length: alg === 'RS256' ? 20 : 100 }, distinctClaims),
    candidates: [
      {
        name: ours,
        run: async (inputs) => {
          for (const claims of inputs) await issuer.jwt.sign(claims);
        },
      },
      {
        name: peer,
        run: async (inputs) => {
          for (const claims of inputs) await joseSign(issuer, claims);
        },
      },
    ],
  });
  return { measured, rules: [{ name: `${ours} ÷ ${peer}`, ratio: ratioOf(measured, peer, ours) }] };
};
