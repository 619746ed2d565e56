import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type Config, cookieModes, frameworks } from '../../src/config.ts';
import { ann, start } from '../harness/demo.ts';

/**
 * In bytes: half of what nginx reads of a head by default (`proxy_buffer_size` is one page of
 * memory, 4,096). The rest is for the headers of the application.
 */
const bound = 2_048;

const headOf = async (port: number, path: string, body: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    [
      `POST ${path} HTTP/1.1`,
      'host: localhost:8080',
      'origin: http://localhost:8080',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  const response = await text(socket);
  return response.slice(0, response.indexOf('\r\n\r\n') + 4);
};

const setups = frameworks.flatMap((framework) =>
  cookieModes.flatMap((cookies) =>
    (['opaque', 'jwt'] as const).map(
      (accessToken): Partial<Config> => ({ framework, cookies, accessToken }),
    ),
  ),
);

test.for(setups)('the head of a login fits into a proxy’s buffer: %o', async (setup) => {
  await using service = await start(setup);
  const { port } = service.demo;
  for (const path of ['/register', '/login']) {
    const head = await headOf(port, path, JSON.stringify(ann));
    expect(head).toMatch(/^HTTP\/1\.1 20[01] /);
    expect(head.toLowerCase()).toContain('set-cookie: ');
    expect(Buffer.byteLength(head)).toBeLessThan(bound);
  }
});
