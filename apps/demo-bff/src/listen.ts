import { once } from 'node:events';
import type { Server } from 'node:http';
import { ConfigurationError } from '@pawl/core';

/** The variables that name a port. */
export type PortName = 'PORT' | 'PROVIDER_PORT' | 'API_PORT';

/**
 * Listens on loopback, until the result is disposed of.
 *
 * @throws ConfigurationError, which names the variable, if the port cannot be used
 */
export const listen = async (
  server: Server,
  port: number,
  name: PortName,
): Promise<AsyncDisposable> => {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new ConfigurationError(name, `${port} is in use (${code}): set another port`);
    }
    if (code === 'EACCES') {
      throw new ConfigurationError(name, `${port} requires more rights (${code})`);
    }
    throw error;
  }
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
