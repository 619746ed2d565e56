import { connect, createServer, type Server, type Socket } from 'node:net';
import { pause } from '@pawl/core/internal';
import type { Stoppable } from '@pawl/servers';
import { type Chance, createChance } from '../chance.ts';

/** The faults of the network. */
export interface NetworkFaults {
  /** The share of replies that are lost and end the connection. */
  readonly cutReplies: number;
  /** The share of replies after which an open connection delivers nothing more. */
  readonly stallReplies: number;
  /** The share of connections that are reset immediately. */
  readonly resetConnections: number;
  /** The maximum delay of a reply, in ms. */
  readonly latency: number;
}

const noFaults: NetworkFaults = {
  cutReplies: 0,
  stallReplies: 0,
  resetConnections: 0,
  latency: 0,
};

/** A TCP proxy on 127.0.0.1 that loses replies of the server. */
export class Proxy implements Stoppable {
  readonly port: number;
  faults: NetworkFaults = noFaults;
  cuts = 0;
  stalls = 0;
  resets = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static start(target: number, seed: number): Promise<Proxy> {
    const chance = createChance(seed);
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true });
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        const port = typeof address === 'object' && address ? address.port : 0;
        const proxy = new Proxy(server, port);
        server.on('connection', (client) => proxy.#carry(client, target, chance));
        resolve(proxy);
      });
    });
  }

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #carry(client: Socket, target: number, chance: Chance): void {
    if (chance() < this.faults.resetConnections) {
      this.resets += 1;
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const end = (): void => {
      for (const socket of [client, server]) {
        this.#sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    let last = Promise.resolve();
    let stalled = false;
    client.on('data', (request) => server.write(request));
    server.on('data', (reply) => {
      const { cutReplies, stallReplies, latency } = this.faults;
      const draw = chance();
      if (draw < cutReplies) {
        this.cuts += 1;
        end();
      } else if (draw < cutReplies + stallReplies) {
        if (!stalled) this.stalls += 1;
        stalled = true;
      }
      if (stalled) return;
      if (latency === 0) client.write(reply);
      else last = last.then(() => pause(chance() * latency)).then(() => void client.write(reply));
    });
  }
}
