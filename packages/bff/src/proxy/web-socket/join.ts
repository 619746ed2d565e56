import type { Duplex } from 'node:stream';
import type { Ending } from '../open-connections.ts';
import { closeFrame, Frames } from './frames.ts';
import type { UpstreamSocket } from './handshake.ts';

/** What of an agreement comes down (RFC 6455 § 4.2.2). */
const accepted = [
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
] as const;

/** In ms: how long one side may take to hear that the other has gone. */
const lingering = 5_000;

/** What a page is told: 4401 as HTTP's 401, the others of RFC 6455 § 7.4.1 and IANA's list. */
const closeFrames: Readonly<Record<Ending, Buffer>> = {
  session_ended: closeFrame(4401, 'session_revoked'),
  store_failed: closeFrame(1013, 'unavailable'),
  proxy_closed: closeFrame(1001, 'unavailable'),
};

/**
 * Connects both sides, until either ends.
 *
 * @returns what ends both: the API's side at once, the client's with a close frame where one
 *   may stand. In the middle of a frame of the API's there is none: the socket just ends.
 */
export const join = (
  client: Duplex,
  clientHead: Buffer,
  upstream: UpstreamSocket,
): ((reason: Ending) => void) => {
  const { socket, head, answer } = upstream;
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  for (const name of accepted) {
    const value = answer.headers[name];
    if (value !== undefined) lines.push(`${name}: ${String(value)}`);
  }
  const frames = new Frames();
  frames.read(head);
  client.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) client.write(head);
  if (clientHead.length > 0) socket.write(clientHead);
  let isOver = false;
  for (const [one, other] of [
    [client, socket],
    [socket, client],
  ] as const) {
    (one as { setTimeout?: (ms: number) => void }).setTimeout?.(0);
    (one as { setNoDelay?: (noDelay: boolean) => void }).setNoDelay?.(true);
    one.on('error', () => isOver || other.destroy());
    one.on('close', () => {
      if (!isOver && !one.readableEnded) other.destroy();
    });
    // An end on one side is an end on the other, once what was said before has gone out.
    one.on('end', () => void setTimeout(() => other.destroy(), lingering).unref());
    // At the pace of the slower one.
    one.pipe(other);
  }
  socket.on('data', (chunk: Buffer) => frames.read(chunk));
  return (reason) => {
    isOver = true;
    client.unpipe(socket);
    socket.unpipe(client);
    socket.destroy();
    if (!frames.mayFollow || !client.writable) return void client.destroy();
    client.end(closeFrames[reason]);
    // What it still says is read, and goes nowhere.
    client.resume();
    setTimeout(() => client.destroy(), lingering).unref();
  };
};
