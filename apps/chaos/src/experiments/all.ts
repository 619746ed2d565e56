import type { Experiment } from '../experiment.ts';
import { killedDatabase } from './killed-database.ts';
import { lostReplies } from './lost-replies.ts';
import { parallelProcesses, parallelRefresh } from './storm.ts';

/** In the order in which they are run. */
export const experiments: readonly Experiment[] = [
  parallelRefresh,
  parallelProcesses,
  lostReplies,
  killedDatabase,
];
