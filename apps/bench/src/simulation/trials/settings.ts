import type { Preset, RevocationCheck } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { Setting } from './story.ts';

/** The session cookie that rotates by itself. */
export const cookie = (preset: Preset = 'default'): Setting => ({
  name: `session cookie, \`${preset}\``,
  credential: 'cookie',
  preset,
});

/** A pair of tokens: opaque ones where each check reads the record, else JWTs. */
export const pair = (preset: Preset = 'default', check: RevocationCheck = 'session'): Setting => ({
  name: `pair, \`${check}\`, \`${preset}\``,
  credential: 'pair',
  preset,
  revocationCheck: check,
  ...(check !== 'session' && {
    accessToken: jwtAccessTokens({
      issuer: 'https://auth.example.test',
      audience: 'https://api.example.test',
    }),
  }),
});

/** A pair of tokens whose refreshes need a proof of the owner's key. */
export const boundPair = (): Setting => ({
  ...pair(),
  name: 'pair, `session`, bound to a key',
  isBound: true,
});
