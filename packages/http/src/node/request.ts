import type { HeaderValue, HttpRequest } from '../request.ts';
import { type NodeBody, readNodeBody } from './body.ts';

/**
 * What Pawl reads of `IncomingMessage` (`node:http`, `node:http2`) and of what frameworks add to
 * it.
 */
export interface NodeRequest extends NodeBody {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** The URL before a framework removed a mount path from it, or rewrote it. */
  readonly originalUrl?: string | undefined;
  /** Names and values alternating, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly socket: { readonly remoteAddress?: string | undefined };
  /** The body as a parser has left it. */
  readonly body?: unknown;
}

/**
 * Creates a view of a request of `node:http`, also for Express, Fastify's `request.raw` and
 * upgrades. Nothing is read before it is needed.
 *
 * If a parser has consumed the body, its result is used: bytes and strings as they are, an object
 * serialized again as JSON, or as a form if that is the media type. An empty object counts as no
 * body.
 *
 * @param body what the framework has parsed. Default: `request.body`
 */
export const nodeRequest = (request: NodeRequest, body: unknown = request.body): HttpRequest =>
  new NodeHttpRequest(request, body);

/** A class that computes nothing in advance, because guards create one per request. */
class NodeHttpRequest implements HttpRequest {
  readonly #request: NodeRequest;
  readonly #body: unknown;

  constructor(request: NodeRequest, body: unknown) {
    this.#request = request;
    this.#body = body;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get path(): string {
    return this.#target.split('?', 1)[0] ?? '';
  }

  get query(): string {
    const target = this.#target;
    const mark = target.indexOf('?');
    return mark === -1 ? '' : target.slice(mark + 1);
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  get source(): object {
    return this.#request;
  }

  header(name: string): HeaderValue {
    const { headers, rawHeaders } = this.#request;
    const value = headers[name];
    // Node joins duplicates of most headers, and drops duplicates of these.
    return value !== undefined && firstOnlyHeaders.has(name)
      ? allLines(rawHeaders, name, value)
      : value;
  }

  body(limit: number): Promise<Uint8Array | null> {
    return readNodeBody(this.#request, this.#body, limit);
  }

  /** The target without the scheme and host of its absolute form (RFC 9112 § 3.2.2). */
  get #target(): string {
    const { originalUrl, url = '' } = this.#request;
    return (originalUrl ?? url).replace(/^[a-z][a-z\d+.-]*:\/\/[^/?]*/i, '');
  }
}

/** Headers that Pawl reads and of which Node keeps only the first. */
const firstOnlyHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'content-length',
  'content-type',
  'host',
  'referer',
  'user-agent',
]);

const allLines = (rawHeaders: readonly string[], name: string, first: HeaderValue): HeaderValue => {
  let lines: string[] | undefined;
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] as string;
    if (raw.length !== name.length || (raw !== name && raw.toLowerCase() !== name)) continue;
    seen += 1;
    if (seen === 1) continue;
    lines ??= typeof first === 'string' ? [first] : [...(first ?? [])];
    lines.push(rawHeaders[i + 1] as string);
  }
  return lines ?? first;
};
