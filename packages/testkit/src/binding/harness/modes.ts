import type { Sessions, SessionsOptions } from '@pawl/core';
import { type AccessTokensOptions, createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import type { HttpOptions } from '@pawl/http';
import type { HttpStore } from './failing-store.ts';
import type { SuiteClaims, SuiteData } from './mount.ts';

/**
 * The ways to run a service: with sessions, with JWTs that a blocklist revokes, or with access tokens
 * and no sessions (where a logout may put the token on a blocklist).
 */
export type Mode = 'session' | 'blocklist' | 'token' | 'revocable token';

type CoreOptions = Partial<SessionsOptions<SuiteClaims, SuiteData>>;

export type AccessTokenFormat = NonNullable<CoreOptions['accessToken']>;

/** Issuer and audience of the suite's JWTs. */
export const jwtNames = {
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
} as const;

export const jwtFormat: AccessTokenFormat = jwtAccessTokens(jwtNames);

/** The options of `createSessions` for each mode. */
export const modeOptions: Readonly<Record<Mode, (store: HttpStore) => CoreOptions>> = {
  session: () => ({}),
  blocklist: (store) => ({
    accessToken: jwtFormat,
    revocationCheck: 'blocklist',
    blocklist: store,
  }),
  // These modes have no sessions.
  token: () => ({}),
  'revocable token': () => ({}),
};

type IssuingOptions = Pick<
  HttpOptions<SuiteClaims, SuiteData>,
  'sessions' | 'accessTokens' | 'blocklist'
>;

/** Returns the options of the HTTP layer for a mode: sessions, or access tokens alone. */
export const issuingOptions = (
  mode: Mode,
  sessions: Sessions<SuiteClaims, SuiteData>,
  store: HttpStore,
  setting: Pick<AccessTokensOptions, 'secrets' | 'clock'>,
): IssuingOptions => {
  switch (mode) {
    case 'session':
    case 'blocklist':
      return { sessions };
    case 'token':
      return { accessTokens: createAccessTokens({ ...setting, format: jwtFormat }) };
    case 'revocable token':
      return {
        accessTokens: createAccessTokens({
          ...setting,
          format: jwtFormat,
          blocklist: store,
        }),
        blocklist: store,
      };
  }
};
