/** Who made the call. The calls of an honest client must never end a session. */
export type Actor = 'client' | 'auditor' | 'administrator' | 'thief';

/** A refresh token that a call returned. */
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

/** One call of one node, from its invocation to its result. */
export interface Operation {
  readonly node: string;
  readonly actor: Actor;
  readonly kind: 'login' | 'refresh' | 'verify' | 'revoke';
  readonly sessionId: string;
  /** The generation of the presented token; -1 if none was presented. */
  readonly generation: number;
  /** The hash of the presented refresh token, or null. */
  readonly token: string | null;
  /** In µs, on the monotonic clock that all processes of a machine share. */
  readonly invoked: number;
  /** When the call returned; in µs, on the same clock. */
  readonly answered: number;
  /** The outcome, or the code of the error. */
  readonly outcome: string;
  readonly minted: Minted | null;
  /** The driver's message, if the call failed. */
  readonly detail?: string;
}

/** The outcomes of a successful refresh. */
export const exchanges: ReadonlySet<string> = new Set(['rotated', 'settled', 'replayed']);

/** The outcomes with which any token of a session is accepted. */
export const acceptances: ReadonlySet<string> = new Set([...exchanges, 'ok']);

/** The outcomes that tell a client that it is logged out. */
export const logouts: ReadonlySet<string> = new Set([
  'ERR_SESSION_REVOKED',
  'ERR_SESSION_EXPIRED',
  'ERR_SESSION_NOT_FOUND',
  'ERR_REUSE_DETECTED',
]);

/** The time in µs on the monotonic clock, comparable between the processes of a machine. */
export const monotonicNow = (): number => Number(process.hrtime.bigint() / 1_000n);
