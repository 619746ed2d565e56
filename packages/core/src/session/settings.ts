import type { AccessTokenCodec } from '../access-token/format.ts';
import type { Background } from '../background.ts';
import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { Emit } from '../emitter.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { RandomBytes } from '../random.ts';
import type { SegmentedLru } from '../segmented-lru.ts';
import type { BlocklistStore } from '../store/blocklist-store.ts';
import type { SessionLimit, SessionStore } from '../store/session-store.ts';
import type { IsIdOf } from '../token/session-id.ts';
import type { RevocationCheck, SessionsOptions } from './options.ts';
import type { SessionTimes } from './presets.ts';
import type { RecordCache } from './record-cache.ts';
import type { CheckedToken } from './resume/session-token.ts';

/** The validated options of `createSessions`, and the services made from them. */
export interface SessionSettings<Claims, Data> {
  readonly store: SessionStore;
  readonly blocklist: BlocklistStore | undefined;
  readonly keys: KeyRing;
  readonly accessTokens: AccessTokenCodec;
  readonly times: SessionTimes;
  readonly limit: SessionLimit | undefined;
  readonly revocationCheck: RevocationCheck;
  /** In ms. */
  readonly touchInterval: number;
  /** In ms. */
  readonly maxStaleness: number;
  /** Returns the cache; the first call creates it and subscribes it to the store's feed. */
  readonly recordCache: () => RecordCache;
  /** Drops the cached record of a session that this node has changed; without an id, of all. */
  readonly forgetCached: (sessionId?: string) => void;
  /** Session tokens whose tag was verified, by their hash. */
  readonly checkedTokens: SegmentedLru<CheckedToken>;
  readonly refreshTokenPrefix: string;
  readonly authorizeRefresh: SessionsOptions<Claims, Data>['authorizeRefresh'];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly crypto: CryptoProvider;
  readonly isIdOf: IsIdOf;
  readonly emit: Emit;
  /** Tasks that no request waits for. A failure becomes an event. */
  readonly background: Background;
  /** Unsubscribes from the store's feed. */
  readonly close: () => void;
}

/** Settings of any application, for functions that read neither claims nor data. */
export type AnySessionSettings = SessionSettings<never, never>;
