import {
  type Clock,
  createSessions,
  type PawlEventListener,
  presets,
  RefreshRefusedError,
  type Sessions,
  type SessionsOptions,
  type SessionTimes,
} from '@pawl/core';
import { type ApiKeys, createApiKeys } from '@pawl/core/api-keys';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { createSingleUseTokens, type SingleUseTokens } from '@pawl/core/single-use';
import type { Config } from './config.ts';
import type { Keys } from './keys/keys.ts';
import type { DemoStore, StorageParts } from './storage/storage.ts';

/** The demo has no claims and no session data of its own. */
export type DemoSessions = Sessions<Record<string, unknown>, Record<string, unknown>>;

/** The parts of Pawl that use the store. */
export interface Identity {
  readonly sessions: DemoSessions;
  readonly apiKeys: ApiKeys<Record<string, unknown>>;
  /** Single-use codes to log in with, instead of a password. */
  readonly codes: SingleUseTokens<CodePayload>;
}

/** The user of a code; null if it was issued for an unknown name, which looks the same from outside. */
export interface CodePayload {
  readonly userId: string | null;
}

/** In ms. */
const codeLifetime = 10 * 60_000;

/** @throws ConfigurationError */
export const createIdentity = (
  { users, store }: StorageParts,
  config: Config,
  keys: Keys,
  onEvent: PawlEventListener,
  clock: Clock,
): Identity => {
  const shared = { secrets: [keys.secret], clock };
  return {
    sessions: createSessions({
      ...shared,
      ...times(config),
      ...(keys.signingKey && {
        accessToken: jwtAccessTokens({
          issuer: config.origin,
          audience: config.origin,
          keys: [keys.signingKey],
        }),
      }),
      store,
      onEvent,
      authorizeRefresh: async ({ session }) => {
        if (!(await users.byId(session.userId)))
          throw new RefreshRefusedError('the user was deleted');
      },
    }),
    ...createOthers(store, shared),
  };
};

const createOthers = (
  store: DemoStore,
  shared: { readonly secrets: readonly string[]; readonly clock: Clock },
): Pick<Identity, 'apiKeys' | 'codes'> => ({
  apiKeys: createApiKeys({ ...shared, store }),
  codes: createSingleUseTokens({ ...shared, store, purpose: 'login-code', lifetime: codeLifetime }),
});

const times = ({
  preset,
  accessTokenLifetime,
  settlePeriod,
  rotateAfter,
}: Config): Partial<SessionsOptions<never, never>> => ({
  preset,
  ...(accessTokenLifetime !== undefined && { accessTokenLifetime }),
  ...(settlePeriod !== undefined && { settlePeriod }),
  ...(rotateAfter !== undefined && rotation(presets[preset], rotateAfter, settlePeriod)),
});

/** A cookie that rotates within seconds needs shorter periods than one that lives for minutes. */
const rotation = (
  preset: SessionTimes,
  rotateAfter: number,
  settlePeriod: number = preset.settlePeriod,
): Pick<SessionTimes, 'rotateAfter' | 'gracePeriod' | 'settlePeriod'> => ({
  rotateAfter,
  gracePeriod: Math.min(preset.gracePeriod, rotateAfter * 0.4),
  settlePeriod: Math.min(settlePeriod, rotateAfter * 0.2),
});
