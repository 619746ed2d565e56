import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis, startRedisWith, waitUntil } from './redis.ts';
import { type Stoppable, startTogether, stopTogether } from './start-together.ts';

export interface SentinelOptions {
  /** In ms: how long the master may be silent before it is taken for dead. Default: 1,000. */
  readonly downAfter?: number;
}

export interface SentinelSet extends Stoppable {
  /** The name that clients ask the sentinels for. */
  readonly name: string;
  /** As they were started: a failover makes the replica the master. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
  /** Ends the master at once and waits until the sentinels name the replica instead. */
  killMaster(): Promise<void>;
}

const name = 'pawl';

/** Starts a master, its replica and three sentinels that watch them. */
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
    await waitUntil(() => knowAll(sentinels), 'the sentinels know each other and the replica');
    return {
      name,
      master,
      replica,
      sentinels,
      killMaster: async () => {
        await master.kill();
        await waitUntil(() => allName(sentinels, replica), 'the replica is the master');
      },
      stop: () => stopTogether(started),
    };
  } catch (error) {
    await stopTogether(started);
    throw error;
  }
};

/** A sentinel keeps its state in its configuration file, so it needs a real one. */
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

const knowAll = async (sentinels: readonly RedisServer[]): Promise<boolean> => {
  const views = await Promise.all(
    sentinels.map((sentinel) => sentinel.command('SENTINEL', 'MASTER', name)),
  );
  return views.every((view) => {
    const fields = (view as string[]).join(' ');
    return fields.includes('num-other-sentinels 2') && fields.includes('num-slaves 1');
  });
};

const allName = async (
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
