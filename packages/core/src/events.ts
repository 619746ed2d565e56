import type { TokenRefusal } from './errors.ts';

/**
 * Why a session ended. Applications may use their own reasons: at most 32 lower-case letters and
 * underscores.
 */
export type RevocationReason =
  | 'logout'
  | 'revoked'
  | 'replaced'
  | 'evicted'
  | 'password_changed'
  | 'account_deleted'
  | 'reuse_detected'
  | 'fork'
  | 'lost'
  | (string & {});

/** Which token was presented, and the state of the session then: tells a race from a theft. */
export interface RotationEvidence {
  /** The generation that the presented token names. */
  readonly presented: number;
  /** The record's generation when the token arrived. */
  readonly current: number;
  /** In ms, on the store's clock: the time since the last rotation or late replay before this call. */
  readonly age: number;
  /** How many replays of the predecessor were served since the last rotation. */
  readonly replays: number;
  /** How many late requests counted as strikes since the last rotation. */
  readonly strikes: number;
  /** How many generations in a row, the current one included, had a replay after the grace period. */
  readonly lateRun: number;
  /** `reuse.detected` only: `lateRun` has reached `maxLateRun`. Absent for any other reuse. */
  readonly cause?: 'late_run';
  /** The root key of the presented refresh token; absent for an access token. */
  readonly kid?: number;
}

interface SessionSubject {
  /** The public handle: not a credential. Log {@link PawlEventBase.sessionRef} instead. */
  readonly sessionId: string;
  readonly userId: string;
}

interface PawlEventBase {
  /** In ms since the epoch, on the application's clock. */
  readonly at: number;
  /** A keyed hash of the session id, for logs. Absent if there is no session. */
  readonly sessionRef?: string;
}

/** A security event. `docs/operations.md` says what each one means and what to do. */
export type PawlEvent = PawlEventBase &
  (
    | ({ readonly type: 'session.created' } & SessionSubject)
    | ({
        readonly type:
          | 'session.rotated'
          | 'session.settled'
          | 'session.replayed'
          | 'session.retry_requested'
          | 'reuse.detected'
          | 'fork.detected'
          | 'regression.detected'
          | 'session.lost';
        readonly evidence: RotationEvidence;
        /** `session.replayed` only: whether a replay of this generation came after the grace period. */
        readonly late?: boolean;
      } & SessionSubject)
    | ({
        readonly type: 'session.refused';
        readonly reason: 'revoked' | 'expired' | 'user_mismatch' | 'refresh_refused';
        /** `revoked` only: why the session was revoked, from its record. */
        readonly cause?: RevocationReason;
      } & SessionSubject)
    | { readonly type: 'session.missed'; readonly sessionId: string }
    | ({ readonly type: 'session.elevated' } & SessionSubject)
    | {
        readonly type: 'session.revoked';
        readonly sessionId: string;
        readonly userId?: string;
        readonly reason: RevocationReason;
      }
    | {
        readonly type: 'user.revoked';
        readonly userId: string;
        readonly reason: RevocationReason;
        readonly count: number;
      }
    | {
        readonly type: 'token.refused';
        readonly kind: 'refresh' | 'access';
        readonly reason: TokenRefusal | 'outlived';
      }
    | { readonly type: 'api_key.created'; readonly keyId: string; readonly userId: string }
    | { readonly type: 'api_key.revoked'; readonly keyId: string; readonly userId?: string }
    | { readonly type: 'api_keys.revoked'; readonly userId: string; readonly count: number }
    | {
        readonly type: 'api_key.refused';
        /** Absent if the key was not issued here. */
        readonly keyId?: string;
        readonly reason: TokenRefusal | 'outlived' | 'revoked';
      }
    | { readonly type: 'single_use.issued' | 'single_use.taken'; readonly purpose: string }
    | {
        readonly type: 'single_use.refused';
        readonly purpose: string;
        readonly reason: TokenRefusal | 'outlived';
      }
    | {
        readonly type: 'background.failed';
        /** `blocklist`: a session was ended, and its access tokens stay valid until they expire. */
        readonly task: 'touch' | 'blocklist';
        readonly error: unknown;
      }
  );

/**
 * Called for every event. It cannot change what happens: what it throws, and a promise of it that
 * rejects, are logged with `console.error` and otherwise ignored.
 */
export type PawlEventListener = (event: PawlEvent) => unknown;

type WithoutBase<E> = E extends unknown ? Omit<E, keyof PawlEventBase> : never;

/** An event before its time and the hash of its session id are added. */
export type PawlEventDraft = WithoutBase<PawlEvent>;
