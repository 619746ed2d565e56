import type { Operation } from './operation.ts';

/** An interval, in µs on the monotonic clock. */
export type Window = readonly [from: number, to: number];

/** The failures that an experiment allows; everything else is a violation. */
export interface Expectations {
  /** The configured grace period, in ms. */
  readonly gracePeriod: number;
  /** Whether a call may fail with `ERR_STORE_UNAVAILABLE`. */
  readonly unavailable: boolean;
  /** When the acknowledged writes were made that the store may have lost. Empty: it loses none. */
  readonly losses: readonly Window[];
}

/** The operations of one session, in the order of their invocation. */
export interface SessionHistory {
  readonly sessionId: string;
  readonly operations: readonly Operation[];
}

/** One rule of the checker. Returns a sentence per violation. */
export type Rule = (session: SessionHistory, expectations: Expectations) => string[];

/** Whether the store may have lost an operation. */
export const mayBeLost = (
  { answered }: Pick<Operation, 'answered'>,
  { losses }: Expectations,
): boolean => losses.some(([from, to]) => answered >= from && answered <= to);
