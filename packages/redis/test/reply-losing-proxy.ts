import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A TCP proxy that can drop a reply after the server has executed the command. */
export interface ReplyLosingProxy {
  readonly port: number;
  /** Drops the next reply and closes its connection. */
  loseNextReply(): void;
  close(): void;
}

/** Starts a proxy in front of a server on this machine. */
export const startReplyLosingProxy = async (port: number): Promise<ReplyLosingProxy> => {
  let losing = false;
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.pipe(server);
    server.on('data', (chunk) => {
      if (!losing) client.write(chunk);
      else {
        losing = false;
        end();
      }
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    loseNextReply: () => {
      losing = true;
    },
    close: () => proxy.close(),
  };
};
