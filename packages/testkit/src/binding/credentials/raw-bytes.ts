import { connect } from 'node:net';
import type { BindingSuite } from '../harness/binding-suite.ts';

/** Sends bytes that may not be valid HTTP, and returns what comes back. */
const sendRaw = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => {
      socket.write(Buffer.from(bytes, 'latin1'));
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      socket.end();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });

/** Requests that no well-meaning client sends. */
export const registerRawBytes = (suite: BindingSuite): void =>
  suite.group('raw bytes', () => {
    suite.test(
      'a header of 64 KiB, and bytes that are not HTTP, end in 4xx or a closed socket',
      async (t) => {
        const service = await t.serve();
        const long = 'a'.repeat(65_536);
        for (const lines of [
          `authorization: Bearer ${long}`,
          `cookie: access_token=${long}`,
          'authorization: Bearer a\0b',
          'cookie: access_token=\x01',
          'authorization : Bearer a',
          ' authorization: Bearer a',
          'authorization: Bearer a\r\n b',
        ]) {
          const response = await sendRaw(
            service.url,
            `GET /mine HTTP/1.1\r\nhost: a\r\n${lines}\r\n\r\n`,
          );
          t.same(response === '' || response.startsWith('HTTP/1.1 4'), true, response.slice(0, 60));
        }
        t.hasStatus(await service.send('GET', '/mine', await service.bearer()), 200);
      },
    );

    suite.test(
      'a target in absolute form, and a path of odd bytes, are guarded, too',
      async (t) => {
        const service = await t.serve();
        for (const target of [
          'http://evil.example/mine',
          '/mine?a=%00',
          '/%6dine',
          '//mine',
          '/mine/',
          '/./mine',
          '/x/../mine',
          '/mine;x=y',
          '/MINE',
        ]) {
          const head = `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
          const response = await sendRaw(service.url, head);
          t.same(
            /^HTTP\/1\.1 40[0-9] /.test(response),
            true,
            `${target}: ${response.slice(0, 60)}`,
          );
        }
      },
    );

    suite.test('a client that disconnects during a request breaks nothing', async (t) => {
      const service = await t.serve();
      const head = 'POST /auth/refresh HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
      const { hostname, port } = new URL(service.url);
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => {
          const socket = connect(Number(port), hostname, () => {
            socket.write(`${head}content-length: 100\r\n\r\n{"refresh`, () => socket.destroy());
          });
          socket.on('close', () => resolve());
        });
      }
      t.hasStatus(await service.send('GET', '/mine', await service.bearer()), 200);
    });
  });
