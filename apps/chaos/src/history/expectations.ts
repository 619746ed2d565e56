import type { Operation } from './operation.ts';

/** A span of time, in µs on the monotonic clock. */
export type Window = readonly [from: number, to: number];

/** What an experiment may do to its clients; everything else is a violation. */
export interface Expectations {
  /** In ms, as the nodes are configured. */
  readonly gracePeriod: number;
  /** Whether a call may fail with "the store is not available". */
  readonly unavailable: boolean;
  /** When writes were acknowledged that the store may have lost since. Empty: it loses none. */
  readonly losses: readonly Window[];
}

/** What one session went through, in the order of the invocations. */
export interface SessionHistory {
  readonly sessionId: string;
  readonly operations: readonly Operation[];
}

/** One rule of the checker: answers a sentence per violation. */
export type Rule = (session: SessionHistory, expectations: Expectations) => string[];

/** Whether what was acknowledged then may be lost. */
export const mayBeLost = (
  { answered }: Pick<Operation, 'answered'>,
  { losses }: Expectations,
): boolean => losses.some(([from, to]) => answered >= from && answered <= to);
