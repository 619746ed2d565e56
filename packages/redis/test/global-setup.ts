import { startRedis, startRedisCluster, startSentinel, startTogether } from '@pawl/servers';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Ports of temporary servers on this machine. */
    redis: {
      readonly standalone: number;
      readonly cluster: readonly number[];
      readonly sentinels: readonly number[];
      readonly sentinelName: string;
    };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [standalone, cluster, sentinel] = await startTogether(
    startRedis(),
    startRedisCluster({ masters: 3, replicas: 3 }),
    startSentinel(),
  );
  project.provide('redis', {
    standalone: standalone.port,
    cluster: cluster.nodes.map(({ port }) => port),
    sentinels: sentinel.sentinels.map(({ port }) => port),
    sentinelName: sentinel.name,
  });
  return async () => {
    await Promise.all([standalone.stop(), cluster.stop(), sentinel.stop()]);
  };
}
