import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server that can cut all connections and refuse new ones. */
export interface Gate {
  readonly port: number;
  /** Cuts all connections and refuses new ones. */
  shut(): Promise<void>;
  /** Accepts connections again, on the same port. */
  open(): Promise<void>;
  /** Ends the proxy. */
  stop(): Promise<void>;
}

/** Starts an open gate in front of a server on this machine. */
export const startGate = async (serverPort: number): Promise<Gate> => {
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    const end = (): void => {
      for (const socket of [client, server]) {
        socket.destroy();
        sockets.delete(socket);
      }
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay().on('error', end).on('close', end);
    }
    client.pipe(server).pipe(client);
  });
  const open = async (port: number): Promise<void> => {
    proxy.listen(port, '127.0.0.1');
    await once(proxy, 'listening');
  };
  const shut = async (): Promise<void> => {
    if (!proxy.listening) return;
    const closed = once(proxy, 'close');
    proxy.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await open(0);
  const { port } = proxy.address() as AddressInfo;
  return { port, shut, open: () => open(port), stop: shut };
};
