import type { SessionsOptions } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { HttpStore } from './failing-store.ts';
import type { SuiteClaims, SuiteData } from './mount.ts';

/** How sure a check is that a token was not revoked. */
export type Mode = 'session' | 'blocklist';

type CoreOptions = Partial<SessionsOptions<SuiteClaims, SuiteData>>;

export type AccessTokenFormat = NonNullable<CoreOptions['accessToken']>;

export const jwtNames = {
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
} as const;

export const jwtFormat: AccessTokenFormat = jwtAccessTokens(jwtNames);

/** What a mode asks of the core. */
export const modeOptions: Readonly<Record<Mode, (store: HttpStore) => CoreOptions>> = {
  session: () => ({}),
  blocklist: ({ blocklist }) => ({
    accessToken: jwtFormat,
    revocationCheck: 'blocklist',
    blocklist,
  }),
};
