import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { HttpError } from '@pawl/http';
import { ExchangeEnded } from './failure.ts';

/** A body on its way up: bytes can be sent again, a stream cannot. */
export type RequestBody = Buffer | Readable | null;

/** Whether there is one to be sent (RFC 9112 § 6.3). */
export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Whether it can be sent again, for another try. */
export const isReplayable = (body: RequestBody): boolean => body === null || Buffer.isBuffer(body);

/** In bytes: up to here a body is read first, so that the API may ask for another try. */
const replayable = 65_536;

const tooLarge = (): HttpError => new HttpError('ERR_BODY_TOO_LARGE', 'the body is too large');

/**
 * Takes the body of a request. A small one of known length is read, any other streams, and is
 * counted where its length is not known.
 *
 * @param onTooLarge called where a stream turns out to be too long; it is destroyed as well
 * @throws HttpError `ERR_BODY_TOO_LARGE`; ExchangeEnded where the client went away; a plain
 *   Error where somebody has read the body: a mistake of the application
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
    throw new Error('pawl: the body was read before: mount the proxy ahead of body parsers');
  }
  if (length > limit) throw tooLarge();
  if (!chunked && length <= replayable) return collect(request, length);
  let rest = limit;
  const counted = new Transform({
    transform: (chunk: Buffer, _, done) => {
      rest -= chunk.length;
      if (rest >= 0) return done(null, chunk);
      onTooLarge();
      done(tooLarge());
    },
  });
  // Between the two, so that a try that failed does not take the client's connection with it.
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
