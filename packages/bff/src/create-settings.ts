import {
  ConfigurationError,
  createKeyRing,
  createSessions,
  presets,
  systemClock,
} from '@pawl/core';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { HttpError } from '@pawl/http';
import { createHttpSettings, validateOrigin } from '@pawl/http/extension';
import type { BffEventDraft } from './events.ts';
import { returnUrl } from './login/return-to.ts';
import { transactionLifetime } from './login/transaction.ts';
import type { BffOptions } from './options.ts';
import { createProviderAccess } from './provider/provider.ts';
import { createSealer } from './sealing/sealer.ts';
import type { BffData } from './sealing/upstream-session.ts';
import type { BffSettings, LoginSettings, SealedTransaction } from './settings.ts';

/** @throws ConfigurationError, naming the option. */
export const createBffSettings = <Claims extends object, Data extends object>(
  options: BffOptions<Claims, Data>,
): BffSettings<Claims, Data> => {
  const { store, secrets, clock = systemClock, hooks = {}, onEvent } = options;
  const { requiredHeader = 'X-BFF' } = options;
  for (const part of ['sessions', 'singleUse', 'leases'] as const) {
    if (!store?.[part]) throw new ConfigurationError('store', `needs its part for ${part}`);
  }
  const provider = createProviderAccess(options, clock);
  const sessions = createSessions<Claims, BffData<Data>>({
    ...given(options, ['preset', 'idleTimeout', 'absoluteTimeout', 'limit']),
    ...given(options, ['maxStaleness', 'touchInterval', 'onEvent']),
    store,
    secrets,
    clock,
    // The cookie is the session's one credential, and the store is asked at each use.
    accessTokenLifetime: Infinity,
  });
  const http = createHttpSettings<Claims, BffData<Data>>({
    ...given(options, ['allowedOrigins', 'missingOrigin', 'trustedProxies', 'forwardedHeader']),
    ...given(options, ['pathPrefix', 'bodyLimit', 'openapi', 'onEvent', 'clock', 'origin']),
    ...(options.rateLimits && {
      rateLimits: {
        ...options.rateLimits,
        // No password is typed here; and a provider logs many users out at once.
        routes: {
          login: { limit: 60, burst: 20 },
          backchannel_logout: false,
          ...options.rateLimits.routes,
        },
      },
    }),
    sessions,
    authPath: options.authPath ?? '/bff',
    requiredHeader,
    deliver: 'cookies',
    cookies: {
      accessName: options.cookieName ?? 'session',
      refreshName: false,
      ...given(options, ['httpPrefix']),
      sameSite: options.sameSite ?? 'Strict',
    },
  });
  const times = presets[options.preset ?? 'default'];
  const emit = (draft: BffEventDraft): void => {
    try {
      onEvent?.({ ...draft, at: clock() });
    } catch (error) {
      console.error('pawl: an event listener threw', error);
    }
  };
  const notify: BffSettings<Claims, Data>['notify'] = async (name, about) => {
    try {
      await (hooks[name] as ((about: unknown) => unknown) | undefined)?.(about);
    } catch (error) {
      emit({ type: 'hook.failed', hook: name, error });
    }
  };
  return {
    http,
    sessions,
    provider,
    sealer: createSealer(createKeyRing(secrets)),
    leases: store.leases,
    singleUse: store.singleUse,
    transactions: createSingleUseTokens<SealedTransaction>({
      store,
      secrets,
      clock,
      purpose: 'bff-login',
      lifetime: transactionLifetime,
    }),
    hooks,
    requiredHeader,
    login: loginSettings(options, http.authPath),
    clock,
    refreshAhead: checkedTime('refreshAhead', options.refreshAhead ?? 60_000, 0, 3_600_000),
    leaseTtl: checkedTime('leaseTtl', options.leaseTtl ?? 5_000, 300, 60_000),
    maxWait: checkedTime('maxWait', options.maxWait ?? 15_000, 100, 120_000),
    absoluteTimeout: options.absoluteTimeout ?? times.absoluteTimeout,
    idleTimeout: options.idleTimeout ?? times.idleTimeout,
    known: async (during) => {
      try {
        return await provider.get();
      } catch (error) {
        if (error instanceof ConfigurationError) throw error;
        emit({ type: 'upstream.failed', during, reason: 'discovery' });
        throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the identity provider did not answer');
      }
    },
    emit,
    notify,
    end: async (sessionId, reason) => {
      const outcome = await sessions.revoke(sessionId, { reason });
      if (outcome === 'revoked') await notify('loggedOut', { sessionId, reason });
    },
  };
};

const loginSettings = (options: BffOptions<unknown, unknown>, authPath: string): LoginSettings => {
  const { origin } = validateOrigin('origin', options.origin);
  const scope = options.scope ?? 'openid offline_access';
  if (!scope.split(' ').includes('openid')) {
    throw new ConfigurationError('scope', 'must contain openid');
  }
  const path = (option: 'failurePath' | 'postLogoutPath', value: string): string => {
    const url = returnUrl(value, origin);
    if (url === null) throw new ConfigurationError(option, 'must be a path of this service');
    return url;
  };
  const prefix = (options.pathPrefix ?? '').replace(/\/$/, '');
  return {
    origin,
    redirectUri: `${origin}${prefix}${authPath}/callback`,
    scope,
    parameters: options.authorizationParameters ?? {},
    dpop: options.dpop ?? false,
    failurePath:
      options.failurePath === undefined ? null : path('failurePath', options.failurePath),
    postLogoutRedirectUri: path('postLogoutPath', options.postLogoutPath ?? '/'),
    sendIdTokenHint: options.dangerouslySendIdTokenHint ?? false,
    userIdOf: options.userIdOf ?? ((sub) => sub),
  };
};

/** In ms. */
const checkedTime = (option: string, value: number, least: number, most: number): number => {
  if (value >= least && value <= most) return value;
  throw new ConfigurationError(option, `must be ${least} to ${most} ms`);
};

/** Those of the options that were given: what is undefined counts as not given. */
const given = <Options extends object, Name extends keyof Options>(
  options: Options,
  names: readonly Name[],
): { [One in Name]?: Exclude<Options[One], undefined> } =>
  Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  ) as { [One in Name]?: Exclude<Options[One], undefined> };
