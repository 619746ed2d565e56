import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Cleanup, startCleanup } from '@pawl/core';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { loadFramework } from './frameworks/frameworks.ts';
import { nameOf } from './log.ts';
import { createRoutes } from './routes/routes.ts';
import { createService, type ServiceOptions } from './service.ts';
import type { Storage } from './storage/storage.ts';

/** A demo that takes requests. */
export interface RunningDemo {
  readonly port: number;
  /** Answers what has been asked, takes nothing new, and ends what runs beside the requests. */
  readonly stop: () => Promise<void>;
}

/** In ms. */
const cleanupInterval = 60_000;
/** In ms: how long a request may still take once the demo has been told to stop. */
const drainTime = 5_000;

/** The storage is the caller's to close. @throws ConfigurationError, or the system's error where the port is taken */
export const startDemo = async (
  config: Config,
  storage: Storage,
  log: Logger,
  options: ServiceOptions = {},
): Promise<RunningDemo> => {
  const service = await createService(config, storage, log, options);
  const createServer = await loadFramework[config.framework]();
  const server = await createServer(service, await createRoutes(service));
  server.listen(config.port);
  await once(server, 'listening');
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

const sweep = ({ store }: Storage, log: Logger): Cleanup =>
  startCleanup([store.sessions, store.singleUse, store.apiKeys], cleanupInterval, (error) =>
    log.error({ event: 'cleanup.failed', error: nameOf(error) }),
  );

const drain = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  // A connection becomes idle when its last request has been answered.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => server.closeAllConnections(), drainTime);
  server.closeIdleConnections();
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
};
