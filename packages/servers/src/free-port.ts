import { createServer } from 'node:net';

// Below the ports that systems give to outgoing connections, so that no other process is given
// this one between the check and the start of the server.
const lowest = 20_000;
const highest = 32_000;

const returned = new Set<number>();

/**
 * Returns a TCP port of this machine that no process listens on. Never returns the same port twice.
 *
 * @example
 * const port = await freePort();
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (returned.has(port)) continue;
    returned.add(port);
    if (await isFree(port)) return port;
  }
};

/** Returns `count` free ports; see {@link freePort}. */
export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, freePort));

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
