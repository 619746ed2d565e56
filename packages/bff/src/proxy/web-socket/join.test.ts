import type { IncomingMessage } from 'node:http';
import { Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { closeFrame } from './frames.ts';
import { join } from './join.ts';

const answer = { headers: {} } as IncomingMessage;
const nothing = Buffer.alloc(0);

/** A client that takes what it is sent one piece at a time, when it is told to. */
const slowClient = () => {
  const taken: Buffer[] = [];
  let next = (): void => {};
  const client = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      taken.push(chunk);
      next = done;
    },
  });
  return {
    client,
    take: async (): Promise<void> => {
      next();
      await turn();
    },
    text: () => Buffer.concat(taken).toString('latin1'),
  };
};

const leaveTaking = closeFrame(4401, 'session_revoked').toString('latin1');

test('a client that is slow hears the end all the same', async () => {
  const { client, take, text } = slowClient();
  const [socket, api] = duplexPair();
  const leave = join(client, nothing, { socket, head: nothing, answer });
  leave('session_ended');
  await turn();
  expect(socket.destroyed).toBe(true);
  expect(text()).not.toContain(leaveTaking);
  await take();
  expect(text().endsWith(`\r\n\r\n${leaveTaking}`)).toBe(true);
  await take();
  expect(client.writableFinished).toBe(true);
  api.destroy();
});

test('a frame that began with the API’s agreement counts', async () => {
  for (const [head, mayFollow] of [
    [Buffer.from([0x82, 3, 1, 2]), false],
    [Buffer.from([0x82, 3, 1, 2, 3]), true],
  ] as const) {
    const { client, take, text } = slowClient();
    const [socket] = duplexPair();
    const leave = join(client, nothing, { socket, head, answer });
    await take();
    leave('session_ended');
    for (let piece = 0; piece < 3; piece++) await take();
    expect(text().includes(leaveTaking)).toBe(mayFollow);
    expect(client.destroyed || client.writableFinished).toBe(true);
  }
});
