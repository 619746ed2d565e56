import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Stoppable,
  startMariadb,
  startPostgres,
  startRedis,
  startRedisCluster,
} from '@pawl/servers';
import type { StoreAddress, StoreName } from './address.ts';
import { prepareStore } from './prepare.ts';

export interface StartedStore extends Stoppable {
  readonly address: StoreAddress;
}

/** Starts a separate, empty store that is ready for sessions. */
export const startStore = async (
  name: Exclude<StoreName, 'redis sentinel'>,
): Promise<StartedStore> => {
  const started = await starters[name]();
  try {
    await prepareStore(started.address);
  } catch (error) {
    await started.stop();
    throw error;
  }
  return started;
};

const starters: Readonly<
  Record<Exclude<StoreName, 'redis sentinel'>, () => Promise<StartedStore>>
> = {
  memory: async () => ({ address: { store: 'memory' }, stop: async () => {} }),
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pawl-sqlite-'));
    const stop = (): Promise<void> => rm(folder, { recursive: true, force: true });
    return { address: { store: 'sqlite', file: join(folder, 'sessions.db') }, stop };
  },
  postgres: async () => {
    const server = await startPostgres();
    const address = { store: 'postgres', url: server.url } as const;
    return { address, stop: () => server.stop() };
  },
  mariadb: async () => {
    const server = await startMariadb();
    const address = { store: 'mariadb', url: server.url } as const;
    return { address, stop: () => server.stop() };
  },
  redis: async () => {
    const server = await startRedis();
    const address = { store: 'redis', port: server.port } as const;
    return { address, stop: () => server.stop() };
  },
  'redis cluster': async () => {
    const cluster = await startRedisCluster();
    const ports = cluster.masters.map(({ port }) => port);
    return { address: { store: 'redis cluster', ports }, stop: () => cluster.stop() };
  },
};

/** The address of the same store behind another port. */
export const withPort = (address: StoreAddress, port: number): StoreAddress => {
  if ('url' in address) {
    const url = new URL(address.url);
    url.port = `${port}`;
    return { ...address, url: url.href };
  }
  return { store: 'redis', port };
};

export const portOf = (address: StoreAddress): number => {
  if ('url' in address) return Number(new URL(address.url).port);
  return 'port' in address ? address.port : 0;
};
