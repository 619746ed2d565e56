import { HttpError } from '../http-error.ts';
import type { HeaderValue } from '../request.ts';

/** What a body is read from: the parts of a stream of `node:http`. */
export interface NodeBody {
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** Whether somebody has read of the stream, or all of it. */
  readonly readableDidRead: boolean;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'error' | 'close', listener: () => void): unknown;
  resume(): unknown;
}

/**
 * Reads a body, or what a parser has made of it; null if it is longer than `limit` bytes.
 *
 * @throws HttpError `ERR_REQUEST_INVALID` where the client went away half-way; a plain Error
 *   where somebody has read the body and left it nowhere: a mistake of the application
 */
export const readNodeBody = async (
  request: NodeBody,
  parsed: unknown,
  limit: number,
): Promise<Uint8Array | null> => {
  if (parsed !== undefined && parsed !== null) {
    const bytes = encodeParsed(parsed, request.headers['content-type']);
    return bytes.length > limit ? null : bytes;
  }
  const length = request.headers['content-length'];
  if (request.readableDidRead || request.readableEnded) {
    if (!Number(length) && request.headers['transfer-encoding'] === undefined) return nothing;
    throw new Error('pawl: the body was read before, and is not on request.body');
  }
  // What nobody reads is discarded by the server, once it has answered.
  if (Number(length) > limit) return null;
  return readStream(request, limit);
};

const nothing = new Uint8Array(0);

const encodeParsed = (parsed: unknown, type: unknown): Uint8Array => {
  if (parsed instanceof Uint8Array) return parsed;
  if (typeof parsed === 'string') return new TextEncoder().encode(parsed);
  if (typeof parsed === 'object' && parsed !== null && Object.keys(parsed).length === 0) {
    // Parsers say so where there is no body, too.
    return Array.isArray(parsed) ? new TextEncoder().encode('[]') : nothing;
  }
  const isForm = typeof type === 'string' && /^application\/x-www-form-urlencoded\b/i.test(type);
  return new TextEncoder().encode(isForm ? encodeForm(parsed as object) : JSON.stringify(parsed));
};

/** Nested values are a parser's invention: no name of ours has any. */
const encodeForm = (parsed: object): string => {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parsed)) {
    for (const one of [value].flat()) if (typeof one === 'string') form.append(name, one);
  }
  return form.toString();
};

const readStream = (request: NodeBody, limit: number): Promise<Uint8Array | null> =>
  new Promise((resolve, reject) => {
    let chunks: Uint8Array[] = [];
    let length = 0;
    let settled = false;
    const settle = (body: Uint8Array | null): void => {
      settled = true;
      resolve(body);
    };
    const cutOff = (): void => {
      // Every stream closes after its end, and an error costs as much as the rest of the body.
      if (!settled) reject(new HttpError('ERR_REQUEST_INVALID', 'the body was cut off'));
    };
    request.on('data', (chunk) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        // The rest flows by unseen: a socket that is closed on unread bytes loses the answer.
        chunks = [];
        settle(null);
      }
    });
    request.on('end', () => {
      if (length <= limit) settle(concatenate(chunks, length));
    });
    request.on('error', cutOff);
    request.on('close', cutOff);
    if (request.destroyed) cutOff();
    request.resume();
  });

const concatenate = (chunks: readonly Uint8Array[], length: number): Uint8Array => {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
};
