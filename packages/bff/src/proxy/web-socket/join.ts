import type { Duplex } from 'node:stream';
import type { CloseReason } from '../open-connections.ts';
import { closeFrame, FrameTracker } from './frames.ts';
import type { UpstreamSocket } from './handshake.ts';

/** The headers of the API's handshake response that are sent on (RFC 6455 § 4.2.2). */
const handshakeHeaders = [
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
] as const;

/** In ms: how long one side stays open after the other has ended, so that its data arrives. */
const lingerTime = 5_000;

/** The close codes for the page: 4401 for HTTP's 401, the others of RFC 6455 § 7.4.1 and IANA. */
const closeFrames: Readonly<Record<CloseReason, Buffer>> = {
  session_ended: closeFrame(4401, 'session_revoked'),
  store_failed: closeFrame(1013, 'unavailable'),
  proxy_closed: closeFrame(1001, 'unavailable'),
  token_expired: closeFrame(1012, 'token_expired'),
  step_up_ended: closeFrame(4401, 'step_up_required'),
};

/**
 * Connects both sides of a WebSocket until one of them ends.
 *
 * @returns a function that ends both: the API's side at once, the client's with a close frame. In
 *   the middle of a frame of the API there is no close frame, and the socket just ends.
 */
export const joinSockets = (
  client: Duplex,
  clientHead: Buffer,
  upstream: UpstreamSocket,
): ((reason: CloseReason) => void) => {
  const { socket, head, response } = upstream;
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  for (const name of handshakeHeaders) {
    const value = response.headers[name];
    if (value !== undefined) lines.push(`${name}: ${String(value)}`);
  }
  const frames = new FrameTracker();
  frames.read(head);
  client.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) client.write(head);
  if (clientHead.length > 0) socket.write(clientHead);
  let isEnded = false;
  for (const [one, other] of [
    [client, socket],
    [socket, client],
  ] as const) {
    (one as { setTimeout?: (ms: number) => void }).setTimeout?.(0);
    (one as { setNoDelay?: (noDelay: boolean) => void }).setNoDelay?.(true);
    one.on('error', () => isEnded || other.destroy());
    one.on('close', () => {
      if (!isEnded && !one.readableEnded) other.destroy();
    });
    // When one side ends, the other one ends after the remaining data was sent.
    one.on('end', () => void setTimeout(() => other.destroy(), lingerTime).unref());
    one.pipe(other);
  }
  socket.on('data', (chunk: Buffer) => frames.read(chunk));
  return (reason) => {
    isEnded = true;
    client.unpipe(socket);
    socket.unpipe(client);
    socket.destroy();
    if (!frames.mayInsert || !client.writable) return void client.destroy();
    client.end(closeFrames[reason]);
    // What the client still sends is read and dropped.
    client.resume();
    setTimeout(() => client.destroy(), lingerTime).unref();
  };
};
