import { isBytes } from '@pawl/core/internal';
import { HttpError } from '../http-error.ts';
import type { HeaderValue } from '../request.ts';

/** What Pawl reads of a stream of `node:http` to get its body. */
export interface NodeBody {
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** Whether the stream has been read, in part or completely. */
  readonly readableDidRead: boolean;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'error' | 'close', listener: () => void): unknown;
  resume(): unknown;
}

/**
 * Reads a body, or serializes what a parser has made of it.
 *
 * @returns null if it is longer than `limit` bytes
 * @throws HttpError `ERR_REQUEST_INVALID` if the client disconnected before the end; a plain Error
 *   if the body was read and is not on the request: a mistake of the application
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
  // The server discards an unread body after it has responded.
  if (Number(length) > limit) return null;
  return readStream(request, limit);
};

const nothing = new Uint8Array(0);

const encodeParsed = (parsed: unknown, type: unknown): Uint8Array => {
  if (isBytes(parsed)) return parsed;
  if (typeof parsed === 'string') return new TextEncoder().encode(parsed);
  if (typeof parsed === 'object' && parsed !== null && Object.keys(parsed).length === 0) {
    // Parsers also return an empty object if there is no body.
    return Array.isArray(parsed) ? new TextEncoder().encode('[]') : nothing;
  }
  const isForm = typeof type === 'string' && /^application\/x-www-form-urlencoded\b/i.test(type);
  return new TextEncoder().encode(isForm ? encodeForm(parsed as object) : JSON.stringify(parsed));
};

/** Skips nested values: parsers create them, and no form field of Pawl has any. */
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
    const onCutOff = (): void => {
      // Every stream closes after its end, and creating an error is expensive.
      if (!settled) reject(new HttpError('ERR_REQUEST_INVALID', 'the body was cut off'));
    };
    request.on('data', (chunk) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        // Read on and discard: closing a socket with unread bytes loses the response.
        chunks = [];
        settle(null);
      }
    });
    request.on('end', () => {
      if (length <= limit) settle(concatenate(chunks, length));
    });
    request.on('error', onCutOff);
    request.on('close', onCutOff);
    if (request.destroyed) onCutOff();
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
