import type { Violation } from './history/check.ts';

/** How much to run. */
export interface Scale {
  /** Reproduces the random choices of an experiment, but not the timing of the machine. */
  readonly seed: number;
  /** Run as much as `SECURITY.md` requires, however long it takes. */
  readonly full: boolean;
}

/** One line of the summary. */
export interface Result {
  readonly store: string;
  readonly operations: number;
  /** The faults that were injected, with counts. */
  readonly faults: string;
  readonly violations: readonly Violation[];
  /** Other measurements, in a few words. */
  readonly found: string;
}

export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** The condition for passing, from the list of reliability experiments. */
  readonly passes: string;
  /** What the experiment does not show, or how it differs from the list. */
  readonly note?: string;
  /** Runs the experiment, and reports each store as soon as it is finished. */
  readonly run: (scale: Scale, report: (result: Result) => void) => Promise<void>;
}
