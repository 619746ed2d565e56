import type { IncomingMessage } from 'node:http';
import { Duplex, duplexPair } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { closeFrame } from './frames.ts';
import { joinSockets } from './join.ts';

const response = { headers: {} } as IncomingMessage;
const nothing = Buffer.alloc(0);

/** A client that receives one chunk at a time, on demand. */
const slowClient = () => {
  const received: Buffer[] = [];
  let next = (): void => {};
  const client = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      received.push(chunk);
      next = done;
    },
  });
  return {
    client,
    take: async (): Promise<void> => {
      next();
      await tick();
    },
    text: () => Buffer.concat(received).toString('latin1'),
  };
};

const closing = closeFrame(4401, 'session_revoked').toString('latin1');

test('a slow client still receives the close frame', async () => {
  const { client, take, text } = slowClient();
  const [socket, api] = duplexPair();
  const end = joinSockets(client, nothing, { socket, head: nothing, response });
  end('session_ended');
  await tick();
  expect(socket.destroyed).toBe(true);
  expect(text()).not.toContain(closing);
  await take();
  expect(text().endsWith(`\r\n\r\n${closing}`)).toBe(true);
  await take();
  expect(client.writableFinished).toBe(true);
  api.destroy();
});

test('a frame that begins in the handshake response is tracked', async () => {
  for (const [head, isBetweenFrames] of [
    [Buffer.from([0x82, 3, 1, 2]), false],
    [Buffer.from([0x82, 3, 1, 2, 3]), true],
  ] as const) {
    const { client, take, text } = slowClient();
    const [socket] = duplexPair();
    const end = joinSockets(client, nothing, { socket, head, response });
    await take();
    end('session_ended');
    for (let piece = 0; piece < 3; piece++) await take();
    expect(text().includes(closing)).toBe(isBetweenFrames);
    expect(client.destroyed || client.writableFinished).toBe(true);
  }
});
