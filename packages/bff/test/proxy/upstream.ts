import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request as the API received it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  seen: Seen,
) => void | Promise<void>;

/** A real API, with a real WebSocket echo on `/echo`. */
export interface Upstream {
  readonly url: string;
  readonly seen: Seen[];
  /** Responds to requests. Default: 200 with what was sent. */
  answer: Answer;
  /** Whether bodies are read before `answer` is called. */
  readsBodies: boolean;
  readonly sockets: Set<WebSocket>;
  /** The response to a handshake, instead of accepting it. */
  refusesSockets: string | undefined;
  close(): Promise<void>;
}

const echo: Answer = (_, response, seen) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method: seen.method, url: seen.url, body: seen.body }));
};

/** @param tls the TLS options; default: plain HTTP */
export const startUpstream = async (tls?: ServerOptions): Promise<Upstream> => {
  const server = tls ? createSecureServer(tls) : createServer();
  server.on('request', (request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      if (upstream.readsBodies) {
        try {
          for await (const chunk of request) chunks.push(chunk as Buffer);
        } catch {
          return;
        }
      }
      const seen = note(request, Buffer.concat(chunks).toString());
      await upstream.answer(request, response, seen);
    })();
  });
  const note = (request: IncomingMessage, body: string): Seen => {
    const { method = '', url = '', headers, rawHeaders } = request;
    const seen = { method, url, headers, rawHeaders, body };
    upstream.seen.push(seen);
    return seen;
  };
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    note(request, '');
    if (upstream.refusesSockets !== undefined) {
      socket.end(upstream.refusesSockets);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      upstream.sockets.add(webSocket);
      webSocket.on('close', () => upstream.sockets.delete(webSocket));
      webSocket.on('error', () => {});
      webSocket.on('message', (data, isBinary) =>
        webSocket.send(data as Buffer, { binary: isBinary }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream: Upstream = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    answer: echo,
    readsBodies: true,
    sockets: new Set(),
    refusesSockets: undefined,
    close: async () => {
      for (const socket of upstream.sockets) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return upstream;
};
