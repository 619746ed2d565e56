import type { Sessions, SessionsOptions } from '@pawl/core';
import { type AccessTokensOptions, createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import type { HttpOptions } from '@pawl/http';
import type { HttpStore } from './failing-store.ts';
import type { SuiteClaims, SuiteData } from './mount.ts';

/**
 * The three ways to run a service: on sessions, on JWTs that a blocklist revokes, on
 * access tokens without any session (which a logout may put on a blocklist, too).
 */
export type Mode = 'session' | 'blocklist' | 'token' | 'revocable token';

type CoreOptions = Partial<SessionsOptions<SuiteClaims, SuiteData>>;

export type AccessTokenFormat = NonNullable<CoreOptions['accessToken']>;

export const jwtNames = {
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
} as const;

export const jwtFormat: AccessTokenFormat = jwtAccessTokens(jwtNames);

/** What a mode asks of the sessions of the core. */
export const modeOptions: Readonly<Record<Mode, (store: HttpStore) => CoreOptions>> = {
  session: () => ({}),
  blocklist: ({ blocklist }) => ({
    accessToken: jwtFormat,
    revocationCheck: 'blocklist',
    blocklist,
  }),
  // These have none.
  token: () => ({}),
  'revocable token': () => ({}),
};

type Issuing = Pick<HttpOptions<SuiteClaims, SuiteData>, 'sessions' | 'accessTokens' | 'blocklist'>;

/** What a mode asks of HTTP: sessions, or access tokens alone. */
export const issuing = (
  mode: Mode,
  sessions: Sessions<SuiteClaims, SuiteData>,
  { blocklist }: HttpStore,
  setting: Pick<AccessTokensOptions, 'secrets' | 'clock'>,
): Issuing => {
  switch (mode) {
    case 'session':
    case 'blocklist':
      return { sessions };
    case 'token':
      return { accessTokens: createAccessTokens({ ...setting, format: jwtFormat }) };
    case 'revocable token':
      return {
        accessTokens: createAccessTokens({ ...setting, format: jwtFormat, blocklist }),
        blocklist,
      };
  }
};
