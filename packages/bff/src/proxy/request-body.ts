import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { HttpError } from '@pawl/http';
import { ExchangeEnded } from './failure.ts';

/** A request body. Bytes can be sent again, a stream cannot. */
export type RequestBody = Buffer | Readable | null;

/** Whether a request has a body (RFC 9112 § 6.3). */
export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Whether the body can be sent again, for another attempt. */
export const isReplayable = (body: RequestBody): boolean => body === null || Buffer.isBuffer(body);

/** In bytes: a body up to this size is read first, so that it can be sent again. */
const maxReplayable = 65_536;

const tooLarge = (): HttpError => new HttpError('ERR_BODY_TOO_LARGE', 'the body is too large');

/**
 * Takes the body of a request. A small body of known length is read into memory. Any other body
 * is a stream, which is cut off at the limit.
 *
 * @param onTooLarge called if the stream exceeds the limit; the stream is destroyed as well
 * @throws HttpError `ERR_BODY_TOO_LARGE`; ExchangeEnded if the client went away; a plain Error if
 *   the body was read before, which is a mistake of the application
 */
export const takeBody = async (
  request: IncomingMessage,
  limit: number,
  onTooLarge: () => void,
): Promise<Buffer | Readable> => {
  const { headers } = request;
  const chunked = headers['transfer-encoding'] !== undefined;
  const length = Number(headers['content-length'] ?? 0);
  if (request.readableDidRead) {
    throw new Error('pawl: the request body was already read: mount the proxy before body parsers');
  }
  if (length > limit) throw tooLarge();
  if (!chunked && length <= maxReplayable) return collect(request, length);
  let rest = limit;
  const counted = new Transform({
    transform: (chunk: Buffer, _, done) => {
      rest -= chunk.length;
      if (rest >= 0) return done(null, chunk);
      onTooLarge();
      done(tooLarge());
    },
  });
  // A separate stream, so that a failed attempt does not close the client's connection.
  request.on('error', (error) => counted.destroy(error));
  request.on('aborted', () => counted.destroy(new ExchangeEnded('client_gone')));
  return request.pipe(counted);
};

const collect = (request: IncomingMessage, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks, length));
    });
    const onGone = (): void => {
      if (!request.readableEnded) reject(new ExchangeEnded('client_gone'));
    };
    request.on('error', onGone);
    request.on('close', onGone);
  });
