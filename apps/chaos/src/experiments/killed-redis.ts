/** E8: Redis is killed while it appends to its file; and once the machine's power is cut. */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '@pawl/servers';
import { createChance } from '../chance.ts';
import type { Experiment, Result, Scale } from '../experiment.ts';
import type { Window } from '../history/expectations.ts';
import { monotonicNow } from '../history/operation.ts';
import { countLostRevocations } from '../history/revocation.ts';
import { pause } from '../pause.ts';
import { count, disturb, untilRotated } from './load.ts';

interface Durability {
  readonly appendOnly: 'always' | 'everysec';
  readonly powerCut: boolean;
}

const kills = 3;
/** In ms: what `everysec` may not have on the disk yet. */
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
          // What is written from here on is what a power cut takes.
          if (powerCut) await pause(unsynced);
          await server.kill();
          if (powerCut) truncateSync(file, size);
          await server.restart();
          // A busy client reads an answer of the killed server only now.
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
        ? `${kills} power cuts: the last ${unsynced} ms undone`
        : `${kills} × kill -9`,
      violations,
      found: `${count(history, 'rotated')} rotated; ${regressions} regressions, ${gone} logins lost, ${lost} revocations undone for a moment, 0 for good`,
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
    'always: nothing acknowledged is lost; everysec: at most the last second, each rotation ' +
    'told as a regression (503), no fork accepted',
  note:
    'A killed process loses nothing that it has written, with `everysec` neither: only a power ' +
    'cut does, which is played by cutting off the file what was appended in the last second. It ' +
    'undoes logins of that second too. Revocations are done again by the nodes that live; one may ' +
    'be seen undone for the round trip that it takes.',
  run: async (scale, tell) => {
    tell(await killRedis({ appendOnly: 'always', powerCut: false }, scale));
    tell(await killRedis({ appendOnly: 'everysec', powerCut: false }, scale));
    tell(await killRedis({ appendOnly: 'everysec', powerCut: true }, scale));
  },
};
