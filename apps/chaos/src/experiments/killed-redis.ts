/** E8: Redis is killed while it appends to its file, and the power of its machine is cut. */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '@pawl/core/internal';
import { type RedisServer, startRedis } from '@pawl/servers';
import { createChance } from '../chance.ts';
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { Window } from '../history/expectations.ts';
import { monotonicNow } from '../history/operation.ts';
import { countLostRevocations } from '../history/revocation.ts';
import { count, disturb, untilRotated } from './load.ts';

interface Durability {
  readonly appendOnly: 'always' | 'everysec';
  readonly powerCut: boolean;
}

const kills = 3;
/** The age of writes that `everysec` may not have on disk yet, in ms. */
const unsynced = 1_000;

const killRedis = async ({ appendOnly, powerCut }: Durability, scale: Scale): Promise<Result> => {
  const server = await startRedis({ appendOnly });
  const address = { store: 'redis', port: server.port } as const;
  const chance = createChance(scale.seed);
  const losses: Window[] = [];
  let rotations = scale.full ? 5_000 : 1_500;
  try {
    const { history, violations } = await disturb({
      scale,
      nodes: [{ address }, { address }],
      load: { clients: 12, revoke: 0.02 },
      disturb: async (workers) => {
        for (let kill = 1; kill <= kills; kill++) {
          await untilRotated(workers, kill * rotations, 10_000);
          await pause(chance() * 200);
          const file = await appendOnlyFile(server);
          const [synced, size] = [monotonicNow(), statSync(file).size];
          // A power cut loses everything that is written from here on.
          if (powerCut) await pause(unsynced);
          await server.kill();
          if (powerCut) truncateSync(file, size);
          await server.restart();
          // A busy client may read a reply of the killed server only now.
          if (powerCut) losses.push([synced, monotonicNow()]);
        }
        rotations += 1_000;
        await untilRotated(workers, (kills + 1) * rotations, 3_000);
      },
      expectations: () => ({ unavailable: true, losses }),
    });
    const lost = countLostRevocations(history);
    const regressions = count(history, 'ERR_STORE_REGRESSION');
    const gone = count(history, 'ERR_SESSION_NOT_FOUND');
    return {
      store: `redis, appendfsync ${appendOnly}`,
      operations: history.length,
      faults: powerCut
        ? `${kills} power cuts, each loses the last ${unsynced} ms`
        : `${kills} × kill -9`,
      violations,
      found: `${count(history, 'rotated')} rotated; ${regressions} regressions, ${gone} logins lost, ${lost} revocations undone temporarily, 0 permanently`,
    };
  } finally {
    await server.stop();
  }
};

const appendOnlyFile = async (server: RedisServer): Promise<string> => {
  const setting = async (name: string): Promise<string> =>
    String(((await server.command('CONFIG', 'GET', name)) as string[])[1]);
  const folder = join(await setting('dir'), await setting('appenddirname'));
  const files = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
  return join(folder, files.sort().at(-1) ?? '');
};

export const killedRedis: Experiment = {
  name: 'E8',
  title: 'kill -9 of Redis with an append-only file',
  passes:
    'with `always` no acknowledged write is lost; with `everysec` at most the last second, each ' +
    'lost rotation is reported as a regression (503), and no fork is accepted',
  note:
    'A killed process loses no write that it has acknowledged, even with `everysec`. A power cut ' +
    'does; it is simulated by truncating the file to its size one second earlier, which also ' +
    'undoes logins. The surviving nodes repeat their revocations; one may be undone for the round ' +
    'trip that this takes.',
  run: async (scale, report) => {
    report(await killRedis({ appendOnly: 'always', powerCut: false }, scale));
    report(await killRedis({ appendOnly: 'everysec', powerCut: false }, scale));
    report(await killRedis({ appendOnly: 'everysec', powerCut: true }, scale));
  },
};
