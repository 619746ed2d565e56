import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Clock, type Store, startCleanup } from '@pawl/core';
import type { Logger } from 'pino';
import { createDemo } from './app.ts';
import type { Config } from './config.ts';

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

/** @throws ConfigurationError, or the system's error where the port is taken */
export const startDemo = async (
  config: Config,
  store: Pick<Store, 'sessions'>,
  log: Logger,
  clock?: Clock,
): Promise<RunningDemo> => {
  const { app, sessions } = createDemo(config, store, log, clock);
  const server = serve({ fetch: app.fetch, port: config.port }) as Server;
  await once(server, 'listening');
  const cleanup = startCleanup([store.sessions], cleanupInterval, (error) =>
    log.error({ event: 'cleanup.failed', error: error instanceof Error ? error.name : 'unknown' }),
  );
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), drainTime);
      await closed;
      clearTimeout(deadline);
      await cleanup.stop();
      await sessions.settled();
    },
  };
};
