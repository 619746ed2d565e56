import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { takeBody } from './request-body.ts';

const incoming = (length: number): IncomingMessage => {
  const request = new IncomingMessage(new Socket());
  request.headers['content-length'] = String(length);
  return request;
};

const limits = { limit: 10, clientTimeout: 1_000, onEnd: (): void => {} };

test('a small body is read, in any number of chunks', async () => {
  for (const pieces of [['hello'], ['he', 'l', 'lo']]) {
    const request = incoming(5);
    for (const piece of pieces) request.push(Buffer.from(piece));
    request.push(null);
    expect(await takeBody(request, limits)).toStrictEqual(Buffer.from('hello'));
  }
});

test('reading ends if the client goes away', async () => {
  const request = incoming(5);
  const body = takeBody(request, limits);
  request.push(Buffer.from('he'));
  request.destroy();
  await expect(body).rejects.toMatchObject({ code: 'client_gone' });
});
