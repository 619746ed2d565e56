import { connect } from 'node:net';

/** A reply of a Redis server. An error reply is thrown instead. */
export type RedisReply = string | number | null | RedisReply[];

const replyTimeout = 2_000;

/**
 * Sends one command over a new connection and returns the reply. It needs no driver, and is meant for
 * configuring servers and reading their counters.
 *
 * @throws {Error} if the server replies with an error, closes the connection or takes more than 2 s
 * @example
 * await sendRedisCommand(port, 'PING'); // 'PONG'
 */
export const sendRedisCommand = (
  port: number,
  ...parts: readonly (string | number)[]
): Promise<RedisReply> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    const end = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(replyTimeout, () => end(() => reject(new Error('no reply within 2 s'))));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      received.push(chunk);
      try {
        const parsed = parseReply(Buffer.concat(received).toString('latin1'), 0);
        if (parsed) end(() => resolve(parsed.reply));
      } catch (error) {
        end(() => reject(error));
      }
    });
    socket.write(
      `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(`${part}`)}\r\n${part}\r\n`).join('')}`,
    );
  });

/** Returns the reply that begins at `start` and its end, or null if it is incomplete. */
const parseReply = (text: string, start: number): { reply: RedisReply; end: number } | null => {
  const lineEnd = text.indexOf('\r\n', start);
  if (lineEnd === -1) return null;
  const line = text.slice(start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (text[start]) {
    case '+':
      return { reply: line, end };
    case ':':
      return { reply: Number(line), end };
    case '$': {
      const length = Number(line);
      if (length === -1) return { reply: null, end };
      if (text.length < end + length + 2) return null;
      return { reply: text.slice(end, end + length), end: end + length + 2 };
    }
    case '*':
      return parseItems(text, end, Number(line));
    default:
      throw new Error(line);
  }
};

const parseItems = (
  text: string,
  start: number,
  count: number,
): { reply: RedisReply[]; end: number } | null => {
  const reply: RedisReply[] = [];
  let end = start;
  for (let i = 0; i < count; i++) {
    const item = parseReply(text, end);
    if (!item) return null;
    reply.push(item.reply);
    end = item.end;
  }
  return { reply, end };
};
