import {
  startMariadb,
  startPostgres,
  startRedis,
  startTogether,
  stopTogether,
} from '@pawl/servers';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
    postgresUrl: string;
    mysqlUrl: string;
  }
}

/** Starts the servers that the demo can store its sessions in. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const servers = await startTogether(startRedis(), startPostgres(), startMariadb());
  const [redis, postgres, mariadb] = servers;
  provide('redisUrl', redis.url);
  provide('postgresUrl', postgres.url);
  provide('mysqlUrl', mariadb.url);
  return () => stopTogether(servers);
}
