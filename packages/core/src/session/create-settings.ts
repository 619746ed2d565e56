import { defaultCrypto } from '#crypto';
import type { AccessTokenCodec } from '../access-token/format.ts';
import { opaqueAccessTokens } from '../access-token/opaque.ts';
import { createBackground } from '../background.ts';
import { type Clock, systemClock } from '../clock.ts';
import { createEmitter } from '../emitter.ts';
import { ConfigurationError } from '../errors.ts';
import { createKeyRing } from '../keys/key-ring.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { systemRandom } from '../random.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import { type BlocklistStore, validateBlocklist } from '../store/blocklist-store.ts';
import type { SessionLimit, SessionStore } from '../store/session-store.ts';
import { validatePrefix } from '../token/prefix.ts';
import { createIsIdOf } from '../token/session-id.ts';
import { type RevocationCheck, revocationChecks, type SessionsOptions } from './options.ts';
import type { SessionTimes } from './presets.ts';
import { createRecordCache, type RecordCache } from './record-cache.ts';
import type { AnySessionSettings, SessionSettings } from './settings.ts';
import { validateNumber, validateTimes } from './times.ts';

const optionNames: OptionNames<SessionsOptions<never, never>> = {
  store: 1,
  secrets: 1,
  preset: 1,
  accessToken: 1,
  revocationCheck: 1,
  maxStaleness: 1,
  blocklist: 1,
  limit: { max: 1, policy: 1 } satisfies OptionNames<SessionLimit>,
  touchInterval: 1,
  authorizeRefresh: 1,
  onEvent: 1,
  waitUntil: 1,
  refreshTokenPrefix: 1,
  clock: 1,
  random: 1,
  crypto: 1,
  rotateAfter: 1,
  accessTokenLifetime: 1,
  accessTokenJitter: 1,
  idleTimeout: 1,
  absoluteTimeout: 1,
  gracePeriod: 1,
  settlePeriod: 1,
  strikePeriod: 1,
  maxReplays: 1,
  maxUnconfirmedReplays: 1,
  maxLateRun: 1,
  regressionPeriod: 1,
};

/** Validates the options of `createSessions`. @throws ConfigurationError, naming the option. */
export const createSessionSettings = <Claims, Data>(
  options: SessionsOptions<Claims, Data>,
): SessionSettings<Claims, Data> => {
  assertOptions(options, optionNames);
  const store = options.store?.sessions;
  if (!store) throw new ConfigurationError('store', 'needs sessions');
  const clock = options.clock ?? systemClock;
  const crypto = options.crypto ?? defaultCrypto;
  const keys = createKeyRing(options.secrets ?? [], { crypto });
  const times = validateTimes(options.preset, options);
  const blocklist = validateBlocklist(options.blocklist);
  const accessTokens = (options.accessToken ?? opaqueAccessTokens())({ keys, clock, crypto });
  validateEndlessTokens(times, accessTokens, blocklist);
  const emit = createEmitter(options.onEvent, keys, clock, options.waitUntil);
  return {
    store,
    blocklist,
    keys,
    accessTokens,
    times,
    limit: validateLimit(options.limit),
    revocationCheck: validateRevocationCheck(options, accessTokens),
    touchInterval: validateTouchInterval(options.touchInterval, times),
    maxStaleness: validateNumber('maxStaleness', options.maxStaleness ?? 0),
    ...createLazyCache(store, clock),
    checkedTokens: createSegmentedLru(10_000),
    refreshTokenPrefix: validatePrefix(
      'refreshTokenPrefix',
      options.refreshTokenPrefix ?? 'pawl_rt_',
    ),
    authorizeRefresh: options.authorizeRefresh,
    clock,
    random: options.random ?? systemRandom,
    crypto,
    isIdOf: createIsIdOf(crypto),
    emit,
    background: createBackground({
      clock,
      waitUntil: options.waitUntil,
      onFailure: (error) => emit({ type: 'background.failed', task: 'touch', error }),
    }),
  };
};

/** A token without an expiry ends only with its session record, so each check must read that. */
const validateEndlessTokens = (
  { accessTokenLifetime }: SessionTimes,
  { opaque }: AccessTokenCodec,
  blocklist: BlocklistStore | undefined,
): void => {
  if (accessTokenLifetime !== Infinity || (opaque && !blocklist)) return;
  throw new ConfigurationError(
    'accessTokenLifetime',
    'Infinity requires opaque access tokens and no blocklist',
  );
};

const defaultLimit: SessionLimit = { max: 100, policy: 'evict_oldest' };

const validateLimit = (
  limit: SessionLimit | 'none' | undefined = defaultLimit,
): SessionLimit | undefined => {
  if (limit === 'none') return undefined;
  if (limit === null || typeof limit !== 'object') {
    throw new ConfigurationError('limit', 'must be none, or have max and policy');
  }
  if (!Number.isInteger(limit.max) || limit.max < 1) {
    throw new ConfigurationError('limit.max', 'must be a whole number, 1 or more');
  }
  if (limit.policy !== 'evict_oldest' && limit.policy !== 'refuse') {
    throw new ConfigurationError('limit.policy', 'must be evict_oldest or refuse');
  }
  return limit;
};

const validateRevocationCheck = (
  { revocationCheck = 'session', blocklist }: SessionsOptions<never, never>,
  accessTokens: AccessTokenCodec,
): RevocationCheck => {
  if (!revocationChecks.includes(revocationCheck)) {
    throw new ConfigurationError('revocationCheck', 'must be session, blocklist or none');
  }
  if (accessTokens.opaque && revocationCheck !== 'session') {
    throw new ConfigurationError('revocationCheck', 'must be session for opaque tokens');
  }
  if (revocationCheck === 'blocklist' && !blocklist) {
    throw new ConfigurationError('blocklist', 'is required where revocationCheck is blocklist');
  }
  return revocationCheck;
};

const validateTouchInterval = (given: number | undefined, times: SessionTimes): number => {
  const interval = validateNumber(
    'touchInterval',
    given ?? Math.min(60_000, times.idleTimeout / 4),
  );
  if (interval >= times.idleTimeout) {
    throw new ConfigurationError('touchInterval', 'must be below idleTimeout');
  }
  return interval;
};

const recordCacheSize = 10_000;

const createLazyCache = (
  store: SessionStore,
  clock: Clock,
): Pick<AnySessionSettings, 'recordCache' | 'forgetCached' | 'close'> => {
  let cache: RecordCache | undefined;
  return {
    recordCache: () => {
      cache ??= createRecordCache(store, clock, recordCacheSize);
      return cache;
    },
    forgetCached: (sessionId) => cache?.forget(sessionId),
    close: () => {
      cache?.close();
      cache = undefined;
    },
  };
};
