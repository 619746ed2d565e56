import { ConfigurationError, createSessions, isPawlError, systemClock } from '@pawl/core';
import { assertOptions, createNotifier, type OptionNames } from '@pawl/core/internal';
import { createKeyRing } from '@pawl/core/keys';
import { HttpError } from '@pawl/http';
import { createHttpSettings, validateOrigin } from '@pawl/http/extension';
import type { BffEvent } from './events.ts';
import { returnUrl } from './login/return-to.ts';
import type { BffOptions } from './options.ts';
import { createProviderAccess } from './provider/provider.ts';
import { createSealer } from './sealing/sealer.ts';
import type { BffData } from './sealing/upstream-session.ts';
import type { BffSettings, LoginSettings } from './settings.ts';

const optionNames: OptionNames<BffOptions<never, never>> = {
  issuer: 1,
  endpoints: { authorization: 1, token: 1, revocation: 1 },
  user: 1,
  clientId: 1,
  clientSecret: 1,
  clientAuth: 1,
  signingAlgorithm: 1,
  providerTimeout: 1,
  dangerouslyAllowPlainHttp: 1,
  fetch: 1,
  allowedOrigins: 1,
  missingOrigin: 1,
  trustedProxies: 1,
  forwardedHeader: 1,
  authPath: 1,
  pathPrefix: 1,
  bodyLimit: 1,
  rateLimits: 1,
  openapi: 1,
  clock: 1,
  preset: 1,
  idleTimeout: 1,
  absoluteTimeout: 1,
  limit: 1,
  maxStaleness: 1,
  touchInterval: 1,
  store: 1,
  secrets: 1,
  origin: 1,
  scope: 1,
  authorizationParameters: 1,
  dpop: 1,
  cookieName: 1,
  httpPrefix: 1,
  sameSite: 1,
  rotateAfter: 1,
  requiredHeader: 1,
  failurePath: 1,
  postLogoutPath: 1,
  dangerouslySendIdTokenHint: 1,
  userIdOf: 1,
  hooks: { onLogin: 1, onRequest: 1, onRefresh: 1, onLogout: 1 },
  refreshAhead: 1,
  leaseTtl: 1,
  maxWait: 1,
  onEvent: 1,
};

/**
 * Validates the options of a BFF, and creates the parts that its routes share.
 *
 * @throws ConfigurationError if an option is missing, invalid or contradicts another one
 */
export const createBffSettings = <Claims extends object, Data extends object>(
  options: BffOptions<Claims, Data>,
): BffSettings<Claims, Data> => {
  assertOptions(options, optionNames);
  const { store, secrets, clock = systemClock, hooks = {}, onEvent } = options;
  const { requiredHeader = 'X-BFF' } = options;
  for (const part of ['sessions', 'singleUse', 'leases'] as const) {
    if (!store?.[part]) throw new ConfigurationError('store', `must have the part ${part}`);
  }
  const provider = createProviderAccess(options, clock);
  const sessions = createSessions<Claims, BffData<Data>>({
    ...pickDefined(options, ['preset', 'idleTimeout', 'absoluteTimeout', 'limit']),
    ...pickDefined(options, ['maxStaleness', 'touchInterval', 'onEvent']),
    ...(options.rotateAfter !== undefined && {
      rotateAfter: validateTime('rotateAfter', options.rotateAfter, 60_000, 86_400_000),
    }),
    store,
    secrets,
    clock,
    // No access token leaves the server any more, so its lifetime must not be a lower limit for that
    // of a session. Those of earlier versions, which were the cookie, live as long as their session.
    accessTokenLifetime: Infinity,
  });
  if (sessions.times.gracePeriod === 0) {
    throw new ConfigurationError(
      'preset',
      'must not be strict: a browser sends the replaced cookie in parallel requests',
    );
  }
  const http = createHttpSettings<Claims, BffData<Data>>({
    ...pickDefined(options, ['allowedOrigins', 'trustedProxies', 'forwardedHeader']),
    ...pickDefined(options, ['dangerouslyAllowPlainHttp']),
    ...pickDefined(options, ['pathPrefix', 'bodyLimit', 'openapi', 'onEvent', 'clock', 'origin']),
    ...(options.rateLimits && {
      rateLimits: {
        ...options.rateLimits,
        // Nobody enters a password here, and a provider may log out many users at once.
        routes: {
          login: { limit: 60, burst: 20 },
          backchannel_logout: false,
          ...options.rateLimits.routes,
        },
      },
    }),
    // A page of this service sends the required header, and says where it comes from.
    missingOrigin: options.missingOrigin ?? 'deny',
    sessions,
    authPath: options.authPath ?? '/bff',
    requiredHeader,
    deliver: 'cookies',
    cookies: {
      mode: 'session',
      name: options.cookieName ?? 'session',
      ...pickDefined(options, ['httpPrefix']),
      sameSite: options.sameSite ?? 'Strict',
    },
  });
  const emit = createNotifier<BffEvent>(onEvent, clock);
  const notify: BffSettings<Claims, Data>['notify'] = async (name, notification) => {
    try {
      await (hooks[name] as ((argument: unknown) => unknown) | undefined)?.(notification);
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
    hooks,
    requiredHeader,
    login: createLoginSettings(
      options,
      http.authPath,
      http.cookies?.policy.credential.secure ?? true,
    ),
    clock,
    refreshAhead: validateTime('refreshAhead', options.refreshAhead ?? 60_000, 0, 3_600_000),
    leaseTtl: validateTime('leaseTtl', options.leaseTtl ?? 5_000, 300, 60_000),
    maxWait: validateTime('maxWait', options.maxWait ?? 15_000, 100, 120_000),
    absoluteTimeout: sessions.times.absoluteTimeout,
    idleTimeout: sessions.times.idleTimeout,
    requireProvider: async (during) => {
      try {
        return await provider.get();
      } catch (error) {
        if (isPawlError(error) && error.code === 'ERR_CONFIGURATION') throw error;
        emit({ type: 'upstream.failed', during, reason: 'discovery' });
        throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the identity provider is unavailable');
      }
    },
    emit,
    notify,
    endSession: async (sessionId, reason) => {
      const outcome = await sessions.revoke(sessionId, { reason });
      if (outcome === 'revoked') await notify('onLogout', { sessionId, reason });
    },
  };
};

const createLoginSettings = (
  options: Omit<BffOptions<unknown, unknown>, 'hooks'>,
  authPath: string,
  secure: boolean,
): LoginSettings => {
  const { origin } = validateOrigin('origin', options.origin, options.dangerouslyAllowPlainHttp);
  const { endpoints } = options;
  const scope = options.scope ?? (endpoints ? '' : 'openid offline_access');
  if (endpoints && options.dangerouslySendIdTokenHint) {
    throw new ConfigurationError('dangerouslySendIdTokenHint', 'requires ID tokens');
  }
  if (!endpoints && !scope.split(' ').includes('openid')) {
    throw new ConfigurationError('scope', 'must contain openid');
  }
  const validatePath = (option: 'failurePath' | 'postLogoutPath', value: string): string => {
    const url = returnUrl(value, origin);
    if (url === null) throw new ConfigurationError(option, 'must be a path on this service');
    return url;
  };
  const prefix = (options.pathPrefix ?? '').replace(/\/$/, '');
  return {
    origin,
    redirectUri: `${origin}${prefix}${authPath}/callback`,
    scope,
    parameters: options.authorizationParameters ?? {},
    dpop: options.dpop ?? false,
    failurePath: validatePath('failurePath', options.failurePath ?? '/'),
    browserCookie: {
      name: `${secure ? '__Secure-' : ''}${options.cookieName ?? 'session'}-ref`,
      path: `${prefix}${authPath}`,
      sameSite: 'Lax',
      secure,
    },
    postLogoutRedirectUri: validatePath('postLogoutPath', options.postLogoutPath ?? '/'),
    sendIdTokenHint: options.dangerouslySendIdTokenHint ?? false,
    userIdOf: options.userIdOf ?? ((sub) => sub),
  };
};

/** Limits are in ms. */
const validateTime = (option: string, value: number, min: number, max: number): number => {
  if (value >= min && value <= max) return value;
  throw new ConfigurationError(option, `must be ${min} to ${max} ms`);
};

/** Returns the named options without those that are undefined. */
const pickDefined = <Options extends object, Name extends keyof Options>(
  options: Options,
  names: readonly Name[],
): { [One in Name]?: Exclude<Options[One], undefined> } =>
  Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  ) as { [One in Name]?: Exclude<Options[One], undefined> };
