import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startMariadb } from './mariadb.ts';
import { startPostgres } from './postgres.ts';
import { startTogether } from './start-together.ts';

it('restarts killed SQL servers', async () => {
  const servers = await startTogether(startPostgres(), startMariadb());
  const accepts = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  for (const server of servers) {
    try {
      await server.kill();
      expect(await accepts(server.port)).toBe(false);
      await server.restart();
      expect(await accepts(server.port)).toBe(true);
    } finally {
      await server.stop();
    }
  }
}, 60_000);
