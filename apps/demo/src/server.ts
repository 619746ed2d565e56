import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Cleanup, ConfigurationError, startCleanup } from '@pawl/core';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { loadFramework } from './frameworks/frameworks.ts';
import { nameOf } from './log.ts';
import { createRoutes } from './routes/routes.ts';
import { createService, type ServiceOptions } from './service.ts';
import type { Storage } from './storage/storage.ts';

/** A demo that accepts requests. */
export interface RunningDemo {
  readonly port: number;
  /** Finishes the requests in progress, accepts no new ones, and stops background work. */
  readonly stop: () => Promise<void>;
}

/** In ms. */
const cleanupInterval = 60_000;
/** In ms: how long a request may take after the demo was told to stop. */
const drainTime = 5_000;

/** Starts the demo. The caller closes the storage. @throws ConfigurationError, also if the port is in use */
export const startDemo = async (
  config: Config,
  storage: Storage,
  log: Logger,
  options: ServiceOptions = {},
): Promise<RunningDemo> => {
  const service = await createService(config, storage, log, options);
  const createServer = await loadFramework[config.framework]();
  const routes = [...(await createRoutes(service)), ...(options.routes ?? [])];
  const server = await createServer(service, routes);
  await listen(server, config.port).catch(async (error: unknown) => {
    service.drain();
    await service.close();
    throw error;
  });
  const cleanup = sweep(storage, log);
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      service.drain();
      await drain(server);
      await cleanup.stop();
      await service.close();
    },
  };
};

const listen = async (server: Server, port: number): Promise<void> => {
  server.listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new ConfigurationError('PORT', `${port} is in use`);
    if (code === 'EACCES') throw new ConfigurationError('PORT', `${port} requires more rights`);
    throw error;
  }
};

const sweep = ({ store }: Storage, log: Logger): Cleanup =>
  startCleanup(store, cleanupInterval, {
    onError: (error) => log.error({ event: 'cleanup.failed', error: nameOf(error) }),
  });

const drain = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  // A connection becomes idle when its last response has been sent.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => server.closeAllConnections(), drainTime);
  server.closeIdleConnections();
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
};
