import { createServer } from 'node:net';

// Below the range that systems take for outgoing connections, so that nobody
// gets the port by chance between our look at it and the server's start.
const lowest = 20_000;
const highest = 32_000;

const given = new Set<number>();

/** A TCP port of this machine that nobody listens on; never the same one twice. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
};

/** Several at once. */
export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, freePort));

const isFree = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
  });
