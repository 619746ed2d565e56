import { createServer, request as sendRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A forward proxy that records everything that the browser receives. */
export interface Wire extends AsyncDisposable {
  /** The URL of the proxy, for the browser's settings. */
  readonly address: string;
  /** The number of HTTP responses. */
  readonly responses: () => number;
  /** Status lines, headers and bodies, and the bytes of tunnels (WebSockets). */
  readonly text: () => string;
}

/** Starts the proxy. The browser's own log would miss icons and pages that were left. */
export const startWire = async (): Promise<Wire> => {
  const recordings: Buffer<ArrayBuffer>[][] = [];
  let responses = 0;

  const server = createServer((request, response) => {
    // Compressed content could not be searched.
    const { 'accept-encoding': _, ...headers } = request.headers;
    const onward = sendRequest(
      request.url ?? '',
      { method: request.method ?? '', headers },
      (received) => {
        responses++;
        const { statusCode = 0, statusMessage, rawHeaders } = received;
        const recorded = [Buffer.from([statusCode, statusMessage, ...rawHeaders, ''].join('\n'))];
        recordings.push(recorded);
        received.on('data', (chunk: Buffer<ArrayBuffer>) => recorded.push(chunk));
        response.writeHead(statusCode, rawHeaders);
        received.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });

  const tunnels = new Set<Duplex>();
  server.on('connect', (request, browser: Duplex, head) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = connect(Number(port), hostname);
    const recorded: Buffer<ArrayBuffer>[] = [];
    recordings.push(recorded);
    onward.on('data', (chunk: Buffer<ArrayBuffer>) => recorded.push(chunk));
    for (const [one, other] of [[browser, onward] as const, [onward, browser] as const]) {
      tunnels.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        tunnels.delete(one);
        other.destroy();
      });
    }
    onward.on('connect', () => {
      browser.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      browser.pipe(onward).pipe(browser);
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    responses: () => responses,
    text: () => recordings.map((chunks) => Buffer.concat(chunks).toString('latin1')).join('\n\n'),
    [Symbol.asyncDispose]: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
