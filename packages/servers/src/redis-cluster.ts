import { freePorts } from './free-port.ts';
import { type RedisServer, startRedis, waitUntil } from './redis.ts';
import { type Stoppable, startTogether, stopTogether } from './start-together.ts';

export interface RedisClusterOptions {
  /** Default: 3, the fewest that can agree on a failover. */
  readonly masters?: number;
  /** In all, handed round to the masters. Default: 0. */
  readonly replicas?: number;
  /** In ms: how long a node may be silent before it is taken for dead. Default: 2,000. */
  readonly nodeTimeout?: number;
}

export interface RedisCluster extends Stoppable {
  /** As they were started: a failover makes a replica a master. */
  readonly masters: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];
  readonly nodes: readonly RedisServer[];
}

const slots = 16_384;

/** Starts a Redis Cluster of three masters, or as many as the options say, and waits until all agree. */
export const startRedisCluster = async (
  options: RedisClusterOptions = {},
): Promise<RedisCluster> => {
  const { masters = 3, replicas = 0, nodeTimeout = 2_000 } = options;
  // A node's own choice, its port + 10,000, may be beyond the last port.
  const busPorts = await freePorts(masters + replicas);
  const nodes = await startTogether(
    ...busPorts.map((busPort) =>
      startRedis({
        config: {
          'cluster-enabled': 'yes',
          'cluster-port': `${busPort}`,
          'cluster-node-timeout': `${nodeTimeout}`,
          'repl-diskless-sync-delay': '0',
        },
      }),
    ),
  );
  const cluster: RedisCluster = {
    masters: nodes.slice(0, masters),
    replicas: nodes.slice(masters),
    nodes,
    stop: () => stopTogether(nodes),
  };
  try {
    await join(cluster, busPorts);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
};

const join = async (
  { masters, replicas, nodes }: RedisCluster,
  busPorts: readonly number[],
): Promise<void> => {
  const share = slots / masters.length;
  await Promise.all(
    masters.map(async (node, i) => {
      // Equal epochs would have to be sorted out by the nodes, which takes seconds.
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      const [from, to] = [Math.round(i * share), Math.round((i + 1) * share) - 1];
      await node.command('CLUSTER', 'ADDSLOTSRANGE', from, to);
    }),
  );
  const [first] = nodes;
  for (const [i, node] of nodes.entries()) {
    if (node === first) continue;
    await first?.command('CLUSTER', 'MEET', node.host, node.port, busPorts[i] as number);
  }
  await agree(nodes, `cluster_known_nodes:${nodes.length}`);
  await agree(nodes, 'cluster_state:ok');
  await Promise.all(
    replicas.map(async (replica, i) => {
      const master = masters[i % masters.length] as RedisServer;
      await replica.command('CLUSTER', 'REPLICATE', await master.text('CLUSTER', 'MYID'));
      await waitUntil(() => isInSync(replica), `replica ${replica.port} follows its master`);
    }),
  );
  await agree(nodes, 'cluster_state:ok');
  await waitUntil(async () => {
    const views = await Promise.all(nodes.map((node) => node.text('CLUSTER', 'NODES')));
    return views.every((view) => (view.match(/\bslave /g) ?? []).length === replicas.length);
  }, 'every node knows the replicas');
};

const isInSync = async (replica: RedisServer): Promise<boolean> =>
  (await replica.text('INFO', 'replication')).includes('master_link_status:up');

const agree = (nodes: readonly RedisServer[], line: string): Promise<void> =>
  waitUntil(async () => {
    const infos = await Promise.all(nodes.map((node) => node.text('CLUSTER', 'INFO')));
    return infos.every((info) => info.includes(`${line}\r\n`));
  }, `all nodes say ${line}`);
