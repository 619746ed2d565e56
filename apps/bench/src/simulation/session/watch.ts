import type { PawlEvent } from '@pawl/core';

/** When and why a session ended. */
export interface Ending {
  readonly at: number;
  readonly reason: string;
  /** What the evidence says of a theft. */
  readonly cause: 'late_run' | 'consumed' | 'older' | null;
}

/** How often each outcome of a rotation occurred. */
export type Tally = Record<'rotated' | 'settled' | 'replayed' | 'late' | 'retry', number>;

export const emptyTally = (): Tally => ({
  rotated: 0,
  settled: 0,
  replayed: 0,
  late: 0,
  retry: 0,
});

/**
 * Watches one session from outside, by its events and by what goes in and out: it has no
 * knowledge of the record, so that a protocol that breaks its promises is found out.
 */
export interface Watch {
  readonly onEvent: (event: PawlEvent) => void;
  /** To be called when a token is presented; returns what to call when it was answered. */
  readonly present: (token: string) => Presentation;
  readonly ending: () => Ending | null;
  readonly tally: Tally;
  /** How often each number of generations in a row had a late replay; by that number. */
  readonly runs: () => readonly number[];
  /** Each promise that was broken, once. */
  readonly broken: () => readonly string[];
  /** Whether no successor of the token was handed out yet. */
  readonly isCurrent: (token: string) => boolean;
}

export interface Presentation {
  readonly accepted: () => void;
  /** The token was answered with its successor. */
  readonly handedOut: (successor: string) => void;
}

export interface WatchOptions {
  readonly clock: () => number;
  readonly maxLateRun: number;
  /** In ms. */
  readonly gracePeriod: number;
  /** Whether a consumed token may be exchanged in the grace period although its successor is in use. */
  readonly isTolerant: boolean;
}

export const createWatch = (options: WatchOptions): Watch => {
  const { clock, maxLateRun, gracePeriod, isTolerant } = options;
  const tally = emptyTally();
  const runs: number[] = [];
  const broken = new Set<string>();
  const successors = new Map<string, string>();
  /** Tokens that were presented and accepted: nobody may need their predecessors any more. */
  const used = new Set<string>();
  let ending: Ending | null = null;
  let freshSince = clock();
  let run = 0;
  let isLate = false;

  const endRun = (): void => {
    if (run > 0) runs[run] = (runs[run] ?? 0) + 1;
    run = 0;
  };

  const noteLate = (): void => {
    tally.late++;
    freshSince = clock();
    if (isLate) return;
    isLate = true;
    run++;
    if (run >= maxLateRun) broken.add(`late replays in ${maxLateRun} generations in a row went on`);
  };

  const onEvent = (event: PawlEvent): void => {
    switch (event.type) {
      case 'session.rotated':
        tally.rotated++;
        freshSince = clock();
        if (!isLate) endRun();
        isLate = false;
        break;
      case 'session.settled':
        tally.settled++;
        break;
      case 'session.replayed':
        tally.replayed++;
        // Every replay of such a generation says `late`; only one past the grace period is.
        if (event.late && clock() - freshSince > gracePeriod) noteLate();
        break;
      case 'session.retry_requested':
        tally.retry++;
        break;
      case 'reuse.detected': {
        const { cause, current, presented, lateRun } = event.evidence;
        if (cause) run = lateRun;
        endRun();
        const consumed = current - presented === 1 ? 'consumed' : 'older';
        ending = { at: clock(), reason: 'reuse_detected', cause: cause ?? consumed };
        break;
      }
      case 'session.revoked':
        ending ??= { at: clock(), reason: event.reason, cause: null };
        break;
      default:
        break;
    }
  };

  return {
    onEvent,
    present: (token) => {
      const wasOver = ending !== null;
      const known = successors.get(token);
      const wasUsed = known !== undefined && used.has(known);
      const isTolerated = isTolerant && clock() - freshSince <= gracePeriod;
      return {
        accepted: () => {
          used.add(token);
          if (wasOver) broken.add('a token was accepted after the end of its session');
        },
        handedOut: (successor) => {
          if ((known ?? successor) !== successor) broken.add('a token had two successors');
          if (wasUsed && !isTolerated) {
            broken.add('a consumed token was exchanged although its successor was in use');
          }
          successors.set(token, successor);
        },
      };
    },
    ending: () => ending,
    tally,
    runs: () => {
      const all = [...runs];
      if (run > 0) all[run] = (all[run] ?? 0) + 1;
      return all;
    },
    broken: () => [...broken],
    isCurrent: (token) => !successors.has(token),
  };
};
