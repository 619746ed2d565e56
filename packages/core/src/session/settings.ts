import type { AccessTokenCodec } from '../access-token/format.ts';
import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { Emit } from '../emitter.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { RandomBytes } from '../random.ts';
import type { BlocklistStore } from '../store/blocklist-store.ts';
import type { SessionLimit, SessionStore } from '../store/session-store.ts';
import type { IsIdOf } from '../token/session-id.ts';
import type { RevocationCheck, SessionsOptions } from './options.ts';
import type { SessionTimes } from './presets.ts';
import type { RecordCache } from './record-cache.ts';

/** The validated options of `createSessions`, and the services made from them. */
export interface SessionSettings<Claims, Data> {
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
  readonly forgetCached: (sessionId?: string) => void;
  readonly refreshTokenPrefix: string;
  readonly authorizeRefresh: SessionsOptions<Claims, Data>['authorizeRefresh'];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly crypto: CryptoProvider;
  readonly isIdOf: IsIdOf;
  readonly emit: Emit;
  /** Runs beside the request; its failure is an event. One task per key at a time. */
  readonly runInBackground: (key: string, task: () => Promise<void>) => void;
  /** Resolves when nothing runs in the background any more. */
  readonly drain: () => Promise<void>;
  /** Unsubscribes from the store's feed. */
  readonly close: () => void;
}

/** Settings of any application, for functions that read neither claims nor data. */
export type AnySessionSettings = SessionSettings<never, never>;
