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

/** What a code is for. */
export interface CodePayload {
  /** Null if it was issued for an unknown name, which looks the same from outside. */
  readonly userId: string | null;
  /** The version of the password that the user had: a code does not survive a new password. */
  readonly passwordVersion: string | null;
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

/** What is not set is taken from the preset, and shortened where it would contradict a setting. */
const times = (config: Config): Partial<SessionsOptions<never, never>> => {
  const preset = presets[config.preset];
  const absoluteTimeout = config.refreshTokenLifetime ?? preset.absoluteTimeout;
  const idleTimeout = config.idleTimeout ?? Math.min(preset.idleTimeout, absoluteTimeout);
  const accessTokenLifetime =
    config.accessTokenLifetime ?? Math.min(preset.accessTokenLifetime, idleTimeout / 2);
  const settlePeriod = Math.min(
    config.settlePeriod ?? preset.settlePeriod,
    accessTokenLifetime * 0.8,
  );
  return {
    preset: config.preset,
    absoluteTimeout,
    idleTimeout,
    accessTokenLifetime,
    settlePeriod,
    ...(config.rotateAfter !== undefined && rotation(preset, config.rotateAfter, settlePeriod)),
  };
};

/** A cookie that rotates within seconds needs shorter periods than one that lives for minutes. */
const rotation = (
  preset: SessionTimes,
  rotateAfter: number,
  settlePeriod: number,
): Pick<SessionTimes, 'rotateAfter' | 'gracePeriod' | 'settlePeriod'> => ({
  rotateAfter,
  gracePeriod: Math.min(preset.gracePeriod, rotateAfter * 0.4),
  settlePeriod: Math.min(settlePeriod, rotateAfter * 0.2),
});
