import { once } from 'node:events';
import type { Server } from 'node:http';

/** Listens on loopback, until the result is disposed of. @throws the system's error if the port is in use */
export const listen = async (server: Server, port: number): Promise<AsyncDisposable> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
