import { createSessions, generateSecret, type Sessions } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { createMemoryStore } from '@pawl/memory';
import {
  type Candidate,
  type Group,
  type Measured,
  measure,
  ratioOf,
} from '../measuring/measure.ts';
import type { Rule } from '../measuring/report.ts';
import { createIssuer, type Issuer, joseVerify, newTokens } from './issuer.ts';

const names = {
  jwt: 'Pawl createJwt().verify',
  sessions: "Pawl sessions.verify, revocationCheck 'none'",
  joseHs256: 'jose jwtVerify HS256, CryptoKey',
  joseHs256Bytes: 'jose jwtVerify HS256, Uint8Array',
  joseEdDsa: 'jose jwtVerify EdDSA, CryptoKey',
} as const;

/** Sessions with JWTs of an issuer, which check only the token. */
const sessionsOf = ({ options }: Issuer): Sessions<object, object> =>
  createSessions<object, object>({
    store: createMemoryStore(),
    secrets: [generateSecret()],
    accessToken: jwtAccessTokens(options),
    revocationCheck: 'none',
  });

const pawl = (issuer: Issuer, name: string = names.jwt): Candidate<string> => ({
  name,
  run: async (tokens) => {
    for (const token of tokens) await issuer.jwt.verify(token);
  },
});

const pawlSessions = (issuer: Issuer): Candidate<string> => {
  const sessions = sessionsOf(issuer);
  return {
    name: names.sessions,
    run: async (tokens) => {
      for (const token of tokens) await sessions.verify(token);
    },
  };
};

const jose = (issuer: Issuer, name: string): Candidate<string> => ({
  name,
  run: (tokens) => joseVerify(issuer, issuer.joseKeys.verify, tokens),
});

const joseBytes = (issuer: Issuer): Candidate<string> => ({
  name: names.joseHs256Bytes,
  run: (tokens) => {
    if (issuer.key.alg !== 'HS256') throw new Error('only HS256 has a secret');
    return joseVerify(issuer, issuer.key.secret, tokens);
  },
});

/** The number of different tokens, each of which is verified repeatedly. */
const seenTokens = 64;
const repeats = 16;

/** Measures tokens whose signature was checked before; the algorithm does not matter. */
export const verifySeen = async (): Promise<{ measured: Measured; rules: Rule[] }> => {
  const hs256 = await createIssuer('HS256');
  const edDsa = await createIssuer('EdDSA');
  const tokens = await newTokens(hs256, seenTokens);
  const edDsaTokens = await newTokens(edDsa, seenTokens);
  const often = Array.from({ length: repeats }, () => tokens).flat();
  const measured = await measure({
    title: 'verify, token seen before',
    rounds: 31,
    prepare: () => often,
    candidates: [
      pawl(hs256),
      pawlSessions(hs256),
      jose(hs256, names.joseHs256),
      joseBytes(hs256),
      {
        name: names.joseEdDsa,
        run: async (inputs) => {
          for (let i = 0; i < inputs.length; i += edDsaTokens.length) {
            await joseVerify(edDsa, edDsa.joseKeys.verify, edDsaTokens);
          }
        },
      },
    ],
  });
  const rule = (ours: string, peer: string, atLeast: number): Rule => ({
    name: `${peer} ÷ ${ours}`,
    ratio: ratioOf(measured, ours, peer),
    atLeast,
  });
  return {
    measured,
    rules: [names.jwt, names.sessions].flatMap((ours) => [
      rule(ours, names.joseHs256, 25),
      rule(ours, names.joseEdDsa, 100),
    ]),
  };
};

/** Measures tokens that have not been verified before; both libraries verify the same ones. */
export const verifyNew = async (
  alg: Issuer['alg'],
): Promise<{ measured: Measured; rules: Rule[] }> => {
  const issuer = await createIssuer(alg);
  // Each of the two Pawl candidates has a separate cache.
  const peer = `jose jwtVerify ${alg}, CryptoKey`;
  const group: Group<string> = {
    title: `verify, token new, ${alg}`,
    rounds: 101,
    prepare: () => newTokens(issuer, alg === 'RS256' ? 50 : 100),
    candidates: [
      pawl(issuer),
      pawlSessions(issuer),
      jose(issuer, peer),
      ...(alg === 'HS256' ? [joseBytes(issuer)] : []),
    ],
  };
  const measured = await measure(group);
  return {
    measured,
    rules: [names.jwt, names.sessions].map((ours) => ({
      name: `${ours} ÷ ${peer}`,
      ratio: ratioOf(measured, peer, ours),
      atMost: 1.05,
    })),
  };
};
