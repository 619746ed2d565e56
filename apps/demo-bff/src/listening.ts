import { once } from 'node:events';
import type { Server } from 'node:http';

/** Listens on loopback until it is disposed of, with its connections. @throws the system's error where the port is taken */
export const listening = async (server: Server, port: number): Promise<AsyncDisposable> => {
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
