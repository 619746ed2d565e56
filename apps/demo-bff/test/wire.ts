import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** What stands between a browser and everything, and keeps all that came back to the browser. */
export interface Wire extends AsyncDisposable {
  /** Of a forward proxy, as browsers are told of one. */
  readonly address: string;
  /** Answers by HTTP: how many there were. */
  readonly answers: () => number;
  /** Status lines, headers and bodies, and the bytes that came through tunnels (WebSockets). */
  readonly text: () => string;
}

/** Not in the browser's own words: pages that are left and icons are not told of there. */
export const startWire = async (): Promise<Wire> => {
  const received: Buffer<ArrayBuffer>[][] = [];
  let answers = 0;

  const server = createServer((request, response) => {
    // Whatever is compressed could not be searched.
    const { 'accept-encoding': _, ...headers } = request.headers;
    const onward = ask(request.url ?? '', { method: request.method ?? '', headers }, (answer) => {
      answers++;
      const { statusCode = 0, statusMessage, rawHeaders } = answer;
      const kept = [Buffer.from([statusCode, statusMessage, ...rawHeaders, ''].join('\n'))];
      received.push(kept);
      answer.on('data', (chunk: Buffer<ArrayBuffer>) => kept.push(chunk));
      response.writeHead(statusCode, rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });

  const tunnels = new Set<Duplex>();
  server.on('connect', (request, browser: Duplex, head) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = connect(Number(port), hostname);
    const kept: Buffer<ArrayBuffer>[] = [];
    received.push(kept);
    onward.on('data', (chunk: Buffer<ArrayBuffer>) => kept.push(chunk));
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
    answers: () => answers,
    text: () => received.map((chunks) => Buffer.concat(chunks).toString('latin1')).join('\n\n'),
    [Symbol.asyncDispose]: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
