import type { TokenRefusal } from './errors.ts';

/** Why a session ended. Applications may add their own: lower case, `_`, at most 32 characters. */
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

/** Which token, of what age, met which record: enough to tell a race from a theft. */
export interface RotationEvidence {
  /** The generation that the presented token names. */
  readonly presented: number;
  /** The record's generation when the token arrived. */
  readonly current: number;
  /** In ms since the rotation before this call, on the store's clock. */
  readonly age: number;
  readonly replays: number;
  readonly strikes: number;
  /** In how many generations in a row, this one included, a replay came after the grace period. */
  readonly lateRun: number;
  /** `reuse.detected` only: the run of late replays was too long. Absent for any other reuse. */
  readonly cause?: 'late_run';
  /** The root key of the presented refresh token; absent where it was an access token. */
  readonly kid?: number;
}

interface SessionSubject {
  /** The public handle. It is no credential; logs still take {@link PawlEventBase.sessionRef}. */
  readonly sessionId: string;
  readonly userId: string;
}

interface PawlEventBase {
  /** In ms since the epoch, on the application's clock. */
  readonly at: number;
  /** A keyed hash of the session id, for logs. Absent where there is no session. */
  readonly sessionRef?: string;
}

/** Everything that is worth a line in a security log. */
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
        /** Replays only: past the grace period, of a successor that nobody had used. */
        readonly late?: boolean;
      } & SessionSubject)
    | ({
        readonly type: 'session.refused';
        readonly reason: 'revoked' | 'expired' | 'user_mismatch' | 'refresh_refused';
        /** `revoked` only: why the session had ended, as the record says. */
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
        /** Absent where the key is not one of ours. */
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
        readonly task: 'touch';
        readonly error: unknown;
      }
  );

/**
 * Called for every event. It cannot change what happens: what it throws, and a promise of it that
 * rejects, are logged with `console.error` and otherwise ignored.
 */
export type PawlEventListener = (event: PawlEvent) => void;

type WithoutBase<E> = E extends unknown ? Omit<E, keyof PawlEventBase> : never;

/** An event before its time and the hash of its session id are added. */
export type PawlEventDraft = WithoutBase<PawlEvent>;
