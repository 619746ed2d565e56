import type { Violation } from './history/check.ts';

/** How much is to be done. */
export interface Scale {
  /** Repeats what the experiment decides by chance (not what machines decide by timing). */
  readonly seed: number;
  /** Run as much as `SECURITY.md` asks for, however long it takes. */
  readonly full: boolean;
}

/** One line of the summary. */
export interface Result {
  readonly store: string;
  readonly operations: number;
  /** What was done to it, with counts. */
  readonly faults: string;
  readonly violations: readonly Violation[];
  /** What else was measured, in a few words. */
  readonly found: string;
}

export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** When it passes, from the list of reliability experiments. */
  readonly passes: string;
  /** What the experiment does not show, or shows in another way than the list says. */
  readonly note?: string;
  /** Runs it, and tells of each store as soon as it is through. */
  readonly run: (scale: Scale, tell: (result: Result) => void) => Promise<void>;
}
