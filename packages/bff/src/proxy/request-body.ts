import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { HttpError } from '@pawl/http';
import { type EndReason, ExchangeEnded } from './failure.ts';
import { ClientTimer } from './limits/client-timer.ts';

/** A request body. Bytes can be sent again, a stream cannot. */
export type RequestBody = Buffer | Readable | null;

/** Whether a request has a body (RFC 9112 § 6.3). */
export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Whether the body can be sent again, for another attempt. */
export const isReplayable = (body: RequestBody): boolean => body === null || Buffer.isBuffer(body);

/** In bytes: a body up to this size is read first, so that it can be sent again. */
const maxReplayable = 65_536;

/** In bytes: how much of a longer body must arrive within the client's time-out. */
const minProgress = 8_192;

const tooLarge = (): HttpError => new HttpError('ERR_BODY_TOO_LARGE', 'the body is too large');

/** How a body is taken. */
export interface BodyLimits {
  /** In bytes. */
  readonly limit: number;
  /** In ms: how long the client may send nothing. */
  readonly clientTimeout: number;
  /** Called if the body exceeds the limit, or does not arrive; the stream is destroyed as well. */
  readonly onEnd: (reason: Extract<EndReason, 'body_too_large' | 'client_timeout'>) => void;
}

/**
 * Takes the body of a request. A body of up to 64 KiB is read into memory, so that a slow client
 * holds no connection to the API. A longer one is a stream that begins after its first 64 KiB, and
 * is cut off at the limit or if the client is too slow.
 *
 * @throws HttpError `ERR_BODY_TOO_LARGE`; ExchangeEnded if the client went away; a plain Error if
 *   the body was read before, which is a mistake of the application
 */
export const takeBody = async (
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Buffer | Readable> => {
  const length = Number(request.headers['content-length'] ?? 0);
  if (request.readableDidRead) {
    throw new Error('pawl: the request body was already read: mount the proxy before body parsers');
  }
  if (length > limits.limit) throw tooLarge();
  const { bytes, isWhole } = await readBeginning(request, limits);
  if (bytes.length > limits.limit) throw tooLarge();
  return isWhole ? bytes : streamRest(request, bytes, limits);
};

/** Reads the whole body, or as much as is kept in memory. */
const readBeginning = (
  request: IncomingMessage,
  { clientTimeout, onEnd }: BodyLimits,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = new ClientTimer(clientTimeout, () => {
      onEnd('client_timeout');
      stop();
      reject(new ExchangeEnded('client_timeout'));
    });
    const finish = (isWhole: boolean): void => {
      stop();
      const [first] = chunks;
      const bytes = chunks.length === 1 && first ? first : Buffer.concat(chunks, length);
      resolve({ bytes, isWhole });
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      timer.start();
      if (length <= maxReplayable) return;
      request.pause();
      finish(false);
    };
    const onComplete = (): void => finish(true);
    const onGone = (): void => {
      stop();
      reject(new ExchangeEnded('client_gone'));
    };
    const stop = (): void => {
      timer.stop();
      request.off('data', onData).off('end', onComplete).off('error', onGone).off('close', onGone);
      // Without a listener, an error would end the process.
      request.on('error', () => {});
    };
    timer.start();
    request.on('data', onData).on('end', onComplete).on('error', onGone).on('close', onGone);
  });

/** Returns a separate stream, so that a failed attempt does not close the client's connection. */
const streamRest = (
  request: IncomingMessage,
  beginning: Buffer,
  { limit, clientTimeout, onEnd }: BodyLimits,
): Readable => {
  let rest = limit - beginning.length;
  let progress = 0;
  const body = new Transform({
    transform: (chunk: Buffer, _, done) => {
      rest -= chunk.length;
      if (rest < 0) {
        onEnd('body_too_large');
        return done(tooLarge());
      }
      progress += chunk.length;
      if (progress >= minProgress) {
        progress = 0;
        timer.start();
      }
      done(null, chunk);
    },
  });
  const timer = new ClientTimer(clientTimeout, () => {
    // The API is slower than the client.
    if (body.writableNeedDrain || body.readableLength > 0) return timer.start();
    onEnd('client_timeout');
    body.destroy(new ExchangeEnded('client_timeout'));
  });
  timer.start();
  body.push(beginning);
  request.on('end', () => timer.stop());
  body.on('close', () => timer.stop());
  request.on('error', (error) => body.destroy(error));
  request.on('aborted', () => body.destroy(new ExchangeEnded('client_gone')));
  return request.pipe(body);
};
