import { startMariadb, startPostgres, startTogether, stopTogether } from '@pawl/servers';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    mariadbUrl: string;
  }
}

/** Starts the servers for all tests of this package. Returns a function that stops them. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const servers = await startTogether(startPostgres(), startMariadb());
  const [postgres, mariadb] = servers;
  provide('postgresUrl', postgres.url);
  provide('mariadbUrl', mariadb.url);
  return () => stopTogether(servers);
}
