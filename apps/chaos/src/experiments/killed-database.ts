/** E7: a database is killed repeatedly while sessions are rotated. */

import { pause } from '@pawl/core/internal';
import { type DatabaseServer, startMariadb, startPostgres } from '@pawl/servers';
import { createChance } from '../chance.ts';
import type { Experiment, Result, Scale } from '../experiment.ts';
import { prepareStore } from '../stores/prepare.ts';
import { count, disturb, untilRotated } from './load.ts';

const starters = {
  postgres: () => startPostgres({ fsync: true }),
  mariadb: () => startMariadb({ fsync: true }),
};

const kills = 5;

const killDatabase = async (store: keyof typeof starters, scale: Scale): Promise<Result> => {
  const server = await starters[store]();
  const address = { store, url: server.url };
  const chance = createChance(scale.seed);
  try {
    await prepareStore(address);
    const rotations = scale.full ? 10_000 : 4_000;
    const { history, violations } = await disturb({
      scale,
      nodes: [{ address }, { address }],
      load: { clients: 12 },
      disturb: async (workers) => {
        for (let kill = 1; kill <= kills; kill++) {
          await untilRotated(workers, (kill * rotations) / (kills + 1), 15_000);
          await pause(chance() * 200);
          await server.kill();
          await restart(server);
        }
        await untilRotated(workers, rotations, 15_000);
      },
      expectations: () => ({ unavailable: true }),
    });
    return {
      store,
      operations: history.length,
      faults: `${kills} × kill -9, with fsync`,
      violations,
      found: `${count(history, 'rotated')} rotated, ${count(history, 'ERR_STORE_UNAVAILABLE')} calls failed`,
    };
  } finally {
    await server.stop();
  }
};

/** The remains of a killed server (processes, shared memory) may take a moment to disappear. */
const restart = async (server: Pick<DatabaseServer, 'restart'>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.restart();
    } catch (error) {
      if (attempt === 20) throw error;
      await pause(100);
    }
  }
};

export const killedDatabase: Experiment = {
  name: 'E7',
  title: 'kill -9 of the database during rotations',
  passes: 'every acknowledged successor works, or its predecessor replays it; no partial writes',
  run: async (scale, report) => {
    for (const store of ['postgres', 'mariadb'] as const) report(await killDatabase(store, scale));
  },
};
