import { freePorts } from './free-port.ts';
import { type RedisServer, startRedis, waitUntil } from './redis.ts';
import { type Stoppable, startTogether, stopTogether } from './start-together.ts';

/** Options of {@link startRedisCluster}. */
export interface RedisClusterOptions {
  /** Number of masters. Default: 3, the fewest that can agree on a failover. */
  readonly masters?: number | undefined;
  /** Number of replicas in total, spread over the masters. Default: 0. */
  readonly replicas?: number | undefined;
  /** In ms: silence after which a node counts as failed. Default: 2,000. */
  readonly nodeTimeout?: number | undefined;
}

/** A running cluster. `startRedisCluster` returns one. */
export interface RedisCluster extends Stoppable {
  /** The nodes that were started as masters. A failover makes a replica a master. */
  readonly masters: readonly RedisServer[];
  /** The nodes that were started as replicas. */
  readonly replicas: readonly RedisServer[];
  /** All nodes, masters first. */
  readonly nodes: readonly RedisServer[];
}

const slots = 16_384;

/**
 * Starts a Redis Cluster and waits until all nodes agree on it. Every slot is served.
 *
 * @throws {Error} if a node does not start, or the nodes do not agree within 30 s
 * @example
 * const cluster = await startRedisCluster({ masters: 3, replicas: 3 });
 * const ports = cluster.nodes.map((node) => node.port);
 * await cluster.stop();
 */
export const startRedisCluster = async (
  options: RedisClusterOptions = {},
): Promise<RedisCluster> => {
  const { masters = 3, replicas = 0, nodeTimeout = 2_000 } = options;
  // By default the bus port is the port + 10,000, which may be higher than the last port.
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
    await formCluster(cluster, busPorts);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
};

const formCluster = async (
  { masters, replicas, nodes }: RedisCluster,
  busPorts: readonly number[],
): Promise<void> => {
  const share = slots / masters.length;
  await Promise.all(
    masters.map(async (node, i) => {
      // Nodes with equal epochs first need seconds to agree on other ones.
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
  await waitUntilAllReport(nodes, `cluster_known_nodes:${nodes.length}`);
  await waitUntilAllReport(nodes, 'cluster_state:ok');
  await Promise.all(
    replicas.map(async (replica, i) => {
      const master = masters[i % masters.length] as RedisServer;
      await replica.command('CLUSTER', 'REPLICATE', await master.text('CLUSTER', 'MYID'));
      await waitUntil(() => isInSync(replica), `replica ${replica.port} follows its master`);
    }),
  );
  await waitUntilAllReport(nodes, 'cluster_state:ok');
  await waitUntil(async () => {
    const views = await Promise.all(nodes.map((node) => node.text('CLUSTER', 'NODES')));
    return views.every((view) => (view.match(/\bslave /g) ?? []).length === replicas.length);
  }, 'every node knows the replicas');
};

const isInSync = async (replica: RedisServer): Promise<boolean> =>
  (await replica.text('INFO', 'replication')).includes('master_link_status:up');

const waitUntilAllReport = (nodes: readonly RedisServer[], line: string): Promise<void> =>
  waitUntil(async () => {
    const infos = await Promise.all(nodes.map((node) => node.text('CLUSTER', 'INFO')));
    return infos.every((info) => info.includes(`${line}\r\n`));
  }, `every node reports ${line}`);
