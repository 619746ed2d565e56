/** Who did it: only what an honest client does must never end a session. */
export type Actor = 'client' | 'auditor' | 'administrator' | 'thief';

/** A refresh token that somebody was answered with. */
export interface Minted {
  readonly generation: number;
  /** A hash of the token; a history holds no credentials. */
  readonly token: string;
  readonly userId: string;
  /** In ms since the epoch. */
  readonly expiresAt: number;
  /** In ms since the epoch. */
  readonly accessExpiresAt: number;
}

/** One call of one node, from its invocation to its answer. */
export interface Operation {
  readonly node: string;
  readonly actor: Actor;
  readonly kind: 'login' | 'refresh' | 'verify' | 'revoke';
  readonly sessionId: string;
  /** The generation of the token that was presented; -1 where none was. */
  readonly generation: number;
  /** The hash of the refresh token that was presented, or null. */
  readonly token: string | null;
  /** In µs, on the one monotonic clock that all processes of a machine share. */
  readonly invoked: number;
  readonly answered: number;
  /** What was achieved, or the code of the error. */
  readonly outcome: string;
  readonly minted: Minted | null;
  /** Of a failure: what the driver said. */
  readonly detail?: string;
}

/** The outcomes by which a refresh token is exchanged. */
export const exchanges: ReadonlySet<string> = new Set(['rotated', 'settled', 'replayed']);

/** The outcomes by which anything of a session is accepted. */
export const acceptances: ReadonlySet<string> = new Set([...exchanges, 'ok']);

/** The outcomes by which a client learns that it is logged out. */
export const logouts: ReadonlySet<string> = new Set([
  'ERR_SESSION_REVOKED',
  'ERR_SESSION_EXPIRED',
  'ERR_SESSION_NOT_FOUND',
  'ERR_REUSE_DETECTED',
]);

/** In µs. Comparable between the processes of a machine. */
export const monotonicNow = (): number => Number(process.hrtime.bigint() / 1_000n);
