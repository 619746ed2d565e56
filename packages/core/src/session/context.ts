import { defaultCrypto } from '#crypto';
import type { AccessTokenCodec } from '../access-token/format.ts';
import { opaqueAccessTokens } from '../access-token/opaque.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { createEmitter } from '../emitter.ts';
import { ConfigurationError } from '../errors.ts';
import type { PawlEventDraft } from '../events.ts';
import { createKeyRing, type KeyRing } from '../keys/key-ring.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import type { BlocklistStore } from '../store/blocklist-store.ts';
import type { SessionLimit, SessionStore } from '../store/session-store.ts';
import { checkedPrefix } from '../token/prefix.ts';
import { createIsIdOf, type IsIdOf } from '../token/session-id.ts';
import { type RevocationCheck, revocationChecks, type SessionsOptions } from './options.ts';
import type { SessionTimes } from './presets.ts';
import { createRecordCache, type RecordCache } from './record-cache.ts';
import { checkedNumber, resolveTimes } from './times.ts';

/** What every verb of a session works with. */
export interface SessionContext<Claims, Data> {
  readonly store: SessionStore;
  readonly blocklist: BlocklistStore | undefined;
  readonly keys: KeyRing;
  readonly accessTokens: AccessTokenCodec;
  readonly times: SessionTimes;
  readonly limit: SessionLimit | undefined;
  readonly revocationCheck: RevocationCheck;
  readonly touchInterval: number;
  /** In ms. */
  readonly maxStaleness: number;
  /** Set up, and subscribed to the store's feed, when it is first needed. */
  readonly recordCache: () => RecordCache;
  /** This node has changed a session, or any: what it remembers is out of date. */
  readonly changed: (sessionId?: string) => void;
  readonly refreshTokenPrefix: string;
  readonly authorizeRefresh: SessionsOptions<Claims, Data>['authorizeRefresh'];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly crypto: CryptoProvider;
  readonly isIdOf: IsIdOf;
  readonly emit: (event: PawlEventDraft) => void;
  /** Runs beside the request; its failure is an event. One task per key at a time. */
  readonly inBackground: (key: string, task: () => Promise<void>) => void;
  /** Resolves when nothing runs in the background any more. */
  readonly settled: () => Promise<void>;
  /** Unsubscribes from the store's feed. */
  readonly close: () => void;
}

/** @throws ConfigurationError, naming the option. */
export const createContext = <Claims, Data>(
  options: SessionsOptions<Claims, Data>,
): SessionContext<Claims, Data> => {
  const store = options.store?.sessions;
  if (!store) throw new ConfigurationError('store', 'a store of sessions is needed');
  const clock = options.clock ?? systemClock;
  const crypto = options.crypto ?? defaultCrypto;
  const keys = createKeyRing(options.secrets ?? [], crypto);
  const times = resolveTimes(options.preset, options);
  const accessTokens = (options.accessToken ?? opaqueAccessTokens())({ keys, clock, crypto });
  checkEndless(times, accessTokens, options.blocklist);
  const emit = createEmitter(options.onEvent, keys, clock);
  return {
    store,
    blocklist: options.blocklist,
    keys,
    accessTokens,
    times,
    limit: checkedLimit(options.limit),
    revocationCheck: checkedRevocationCheck(options, accessTokens),
    touchInterval: checkedTouchInterval(options.touchInterval, times),
    maxStaleness: checkedNumber('maxStaleness', options.maxStaleness ?? 0),
    ...createLazyCache(store, clock),
    refreshTokenPrefix: checkedPrefix(
      'refreshTokenPrefix',
      options.refreshTokenPrefix ?? 'pawl_rt_',
    ),
    authorizeRefresh: options.authorizeRefresh,
    clock,
    random: options.random ?? systemRandom,
    crypto,
    isIdOf: createIsIdOf(crypto),
    emit,
    ...createBackground((error) => emit({ type: 'background.failed', task: 'touch', error })),
  };
};

/** Only the session's own record ends a token that never expires by itself. */
const checkEndless = (
  { accessTokenLifetime }: SessionTimes,
  { opaque }: AccessTokenCodec,
  blocklist: BlocklistStore | undefined,
): void => {
  if (accessTokenLifetime !== Infinity || (opaque && !blocklist)) return;
  throw new ConfigurationError(
    'accessTokenLifetime',
    'Infinity needs opaque access tokens and no blocklist',
  );
};

const checkedLimit = (limit: SessionLimit | undefined): SessionLimit | undefined => {
  if (limit && (!Number.isInteger(limit.max) || limit.max < 1)) {
    throw new ConfigurationError('limit.max', 'must be a whole number, 1 or more');
  }
  if (limit && limit.policy !== 'evict_oldest' && limit.policy !== 'refuse') {
    throw new ConfigurationError('limit.policy', 'must be evict_oldest or refuse');
  }
  return limit;
};

const checkedRevocationCheck = (
  { revocationCheck = 'session', blocklist }: SessionsOptions<never, never>,
  accessTokens: AccessTokenCodec,
): RevocationCheck => {
  if (!revocationChecks.includes(revocationCheck)) {
    throw new ConfigurationError('revocationCheck', 'must be session, blocklist or none');
  }
  if (accessTokens.opaque && revocationCheck !== 'session') {
    throw new ConfigurationError('revocationCheck', 'opaque access tokens need session');
  }
  if (revocationCheck === 'blocklist' && !blocklist) {
    throw new ConfigurationError('blocklist', 'is needed where revocationCheck is blocklist');
  }
  return revocationCheck;
};

const checkedTouchInterval = (given: number | undefined, times: SessionTimes): number => {
  const interval = checkedNumber('touchInterval', given ?? Math.min(60_000, times.idleTimeout / 4));
  if (interval >= times.idleTimeout) {
    throw new ConfigurationError('touchInterval', 'must be below idleTimeout');
  }
  return interval;
};

const recordCacheSize = 10_000;

const createLazyCache = (
  store: SessionStore,
  clock: Clock,
): Pick<SessionContext<never, never>, 'recordCache' | 'changed' | 'close'> => {
  let cache: RecordCache | undefined;
  return {
    recordCache: () => {
      cache ??= createRecordCache(store, clock, recordCacheSize);
      return cache;
    },
    changed: (sessionId) => cache?.forget(sessionId),
    close: () => {
      cache?.close();
      cache = undefined;
    },
  };
};

const createBackground = (
  onFailure: (error: unknown) => void,
): Pick<SessionContext<never, never>, 'inBackground' | 'settled'> => {
  const running = new Map<string, Promise<void>>();
  return {
    inBackground: (key, task) => {
      if (running.has(key)) return;
      const run = task()
        .catch((error: unknown) => onFailure(error))
        .finally(() => running.delete(key));
      running.set(key, run);
    },
    settled: async () => {
      await Promise.all(running.values());
    },
  };
};
