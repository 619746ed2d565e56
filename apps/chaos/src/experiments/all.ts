import type { Experiment } from '../experiment.ts';
import { badNetwork } from './bad-network.ts';
import { clocks } from './clocks.ts';
import { crowd } from './crowd.ts';
import { failover } from './failover.ts';
import { killedDatabase } from './killed-database.ts';
import { killedRedis } from './killed-redis.ts';
import { lostReplies } from './lost-replies.ts';
import { memory } from './memory.ts';
import { sameModel } from './model.ts';
import { slotMigration } from './slot-migration.ts';
import { parallelProcesses, parallelRefresh } from './storm.ts';

/** All experiments, in the order in which they run. */
export const experiments: readonly Experiment[] = [
  parallelRefresh,
  parallelProcesses,
  sameModel,
  lostReplies,
  killedDatabase,
  killedRedis,
  failover,
  slotMigration,
  badNetwork,
  clocks,
  memory,
  crowd,
];
