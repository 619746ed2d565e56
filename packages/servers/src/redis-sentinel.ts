import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis, startRedisWith, waitUntil } from './redis.ts';
import { type Stoppable, startTogether, stopTogether } from './start-together.ts';

/** Options of {@link startSentinel}. */
export interface SentinelOptions {
  /** In ms: silence after which the master counts as failed. Default: 1,000. */
  readonly downAfter?: number | undefined;
}

/** A master with its replica and sentinels. `startSentinel` returns one. */
export interface SentinelSet extends Stoppable {
  /** The name of the master, which clients pass to the sentinels. */
  readonly name: string;
  /** The server that was started as master. A failover makes the replica the master. */
  readonly master: RedisServer;
  /** The server that was started as replica. */
  readonly replica: RedisServer;
  /** The three sentinels. */
  readonly sentinels: readonly RedisServer[];
  /** Kills the master and waits until all sentinels report the replica as the new master. */
  killMaster(): Promise<void>;
}

const name = 'pawl';

/**
 * Starts a master, a replica and three sentinels that watch them.
 *
 * @throws {Error} if a server does not start, or the sentinels do not agree within 30 s
 * @example
 * const set = await startSentinel();
 * await set.killMaster();
 * await set.stop();
 */
export const startSentinel = async (options: SentinelOptions = {}): Promise<SentinelSet> => {
  const { downAfter = 1_000 } = options;
  const master = await startRedis({ config: { 'repl-diskless-sync-delay': '0' } });
  const started: RedisServer[] = [master];
  try {
    const replica = await startRedis({ config: { replicaof: `127.0.0.1 ${master.port}` } });
    started.push(replica);
    await waitUntil(
      async () => (await replica.text('INFO', 'replication')).includes('master_link_status:up'),
      'the replica follows its master',
    );
    const sentinels = await startTogether(
      ...Array.from({ length: 3 }, () => startOneSentinel(master.port, downAfter)),
    );
    started.push(...sentinels);
    await waitUntil(
      () => knowEachOther(sentinels),
      'the sentinels know each other and the replica',
    );
    return {
      name,
      master,
      replica,
      sentinels,
      killMaster: async () => {
        await master.kill();
        await waitUntil(() => allReportMaster(sentinels, replica), 'the replica is the master');
      },
      stop: () => stopTogether(started),
    };
  } catch (error) {
    await stopTogether(started);
    throw error;
  }
};

/** A sentinel keeps its state in its configuration file, so it needs a writable one. */
const startOneSentinel = async (masterPort: number, downAfter: number): Promise<RedisServer> =>
  startRedisWith(await freePort(), async (folder) => {
    const file = join(folder, 'sentinel.conf');
    await writeFile(
      file,
      `dir ${folder}
sentinel monitor ${name} 127.0.0.1 ${masterPort} 2
sentinel down-after-milliseconds ${name} ${downAfter}
sentinel failover-timeout ${name} 10000
sentinel parallel-syncs ${name} 1
`,
    );
    return [file, '--sentinel'];
  });

const knowEachOther = async (sentinels: readonly RedisServer[]): Promise<boolean> => {
  const views = await Promise.all(
    sentinels.map((sentinel) => sentinel.command('SENTINEL', 'MASTER', name)),
  );
  return views.every((view) => {
    const fields = (view as string[]).join(' ');
    return fields.includes('num-other-sentinels 2') && fields.includes('num-slaves 1');
  });
};

const allReportMaster = async (
  sentinels: readonly RedisServer[],
  master: RedisServer,
): Promise<boolean> => {
  const views = await Promise.all(
    sentinels.map((sentinel) => sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)),
  );
  const role = await master.command('ROLE');
  return (
    views.every((view) => (view as string[])[1] === `${master.port}`) &&
    (role as string[])[0] === 'master'
  );
};
