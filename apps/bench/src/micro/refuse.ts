import { createSessions, generateSecret, type Sessions } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { createMemoryStore } from '@pawl/memory';
import { jwtVerify } from 'jose';
import { type Candidate, measure, ratioOf } from '../measuring/measure.ts';
import type { Section } from '../measuring/report.ts';
import { createIssuer, newTokens } from './issuer.ts';

const refuser = (
  name: string,
  tokens: readonly string[],
  verify: (token: string) => Promise<unknown>,
): Candidate<string> => ({
  name,
  run: async () => {
    for (const token of tokens) {
      let accepted = true;
      try {
        await verify(token);
      } catch {
        accepted = false;
      }
      if (accepted) throw new Error('garbage was accepted');
    }
  },
});

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const noise = (length: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => letters[byte & 63]).join('');

/** The same header and claims with a random signature. */
const forge = (token: string): string => {
  const end = token.lastIndexOf('.') + 1;
  // Keeps the last character, so that the base64url stays canonical.
  return token.slice(0, end) + noise(token.length - end - 1) + token.slice(-1);
};

/** Measures the cost of invalid tokens, none of which reaches a store. */
export const refuse = async (): Promise<Section> => {
  const issuer = await createIssuer('HS256');
  const common = { store: createMemoryStore(), secrets: [generateSecret()] };
  const opaque: Sessions<object, object> = createSessions(common);
  const jwt: Sessions<object, object> = createSessions({
    ...common,
    accessToken: jwtAccessTokens(issuer.options),
  });
  const count = 200;
  // Correct length, alphabet and first bytes: only the tag is wrong.
  const made = await opaque.create({ userId: 'user' });
  const start = made.accessToken.slice(0, 'pawl_at_'.length + 40);
  const forgedOpaque = Array.from({ length: count }, () => start + noise(64));
  const malformed = Array.from({ length: count }, () => `${noise(60)}.${noise(280)}.${noise(43)}`);
  const forgedJwt = (await newTokens(issuer, count)).map(forge);
  const jose = (token: string): Promise<unknown> =>
    jwtVerify(token, issuer.joseKeys.verify, issuer.joseOptions);
  const names = {
    garbage: 'Pawl opaque, random text',
    forged: 'Pawl opaque, forged tag',
    malformed: 'Pawl JWT, random segments',
    joseMalformed: 'jose, random segments',
    forgedJwt: 'Pawl JWT HS256, forged signature',
    joseForged: 'jose HS256, forged signature',
  };
  const measured = await measure<string>({
    title: 'refuse an invalid token',
    rounds: 31,
    prepare: () => forgedJwt,
    candidates: [
      refuser(names.garbage, malformed, (token) => opaque.verify(token)),
      refuser(names.forged, forgedOpaque, (token) => opaque.verify(token)),
      refuser(names.malformed, malformed, (token) => jwt.verify(token)),
      refuser(names.joseMalformed, malformed, jose),
      refuser(names.forgedJwt, forgedJwt, (token) => jwt.verify(token)),
      refuser(names.joseForged, forgedJwt, jose),
    ],
  });
  return {
    measured,
    rules: [
      {
        name: `${names.malformed} ÷ ${names.joseMalformed}`,
        ratio: ratioOf(measured, names.joseMalformed, names.malformed),
      },
      {
        name: `${names.forgedJwt} ÷ ${names.joseForged}`,
        ratio: ratioOf(measured, names.joseForged, names.forgedJwt),
      },
    ],
  };
};
