import { cookieKey, cookiesToAdd, type PendingCookies } from '../cookies/pending-cookies.ts';
import { noStore } from '../response.ts';

type HeaderValue = number | string | readonly string[];

/** What Pawl changes of a `ServerResponse` (`node:http`, `node:http2`) when its head leaves. */
export interface NodeResponseHead {
  readonly headersSent: boolean;
  getHeader(name: string): HeaderValue | undefined;
  getHeaderNames(): string[];
  setHeader(name: string, value: HeaderValue): unknown;
  removeHeader(name: string): void;
  appendHeader?(name: string, value: string | readonly string[]): unknown;
  // The overloads of Node differ between its protocols.
  writeHead(status: number, ...rest: never[]): unknown;
}

/** The cookies that belong to Pawl's part of a response head, in the order of the calls. */
interface Head {
  /** {@link cookieKey} of every cookie that Pawl has set, or will set. */
  readonly keys: Set<string>;
  readonly pending: PendingCookies[];
}

const heads = new WeakMap<object, Head>();

/**
 * Sees to it that a response that carries a cookie of Pawl is never stored by a cache, whatever the
 * application and other middleware say before its head leaves, and writes pending cookies then.
 *
 * Without this, `Cache-Control: public` of a handler would hand one user's session to others.
 *
 * @param keys of the cookies that have been set on the response already
 */
export const guardResponseHead = (
  response: NodeResponseHead,
  keys: readonly string[],
  pending: PendingCookies | null = null,
): void => {
  const head = heads.get(response) ?? watch(response);
  for (const key of keys) head.keys.add(key);
  if (!pending) return;
  head.pending.push(pending);
  for (const cookie of pending.cookies) head.keys.add(cookieKey(cookie));
};

const watch = (response: NodeResponseHead): Head => {
  const head: Head = { keys: new Set(), pending: [] };
  heads.set(response, head);
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => unknown;
  let left = false;
  response.writeHead = (status: number, ...rest: unknown[]): unknown => {
    if (left) return writeHead(status, ...rest);
    left = true;
    const hasReason = typeof rest[0] === 'string';
    setAll(response, hasReason ? rest[1] : rest[0]);
    finish(response, head);
    return hasReason ? writeHead(status, rest[0]) : writeHead(status);
  };
  return head;
};

/** Sets the headers that were given to `writeHead`: an object, or names and values alternating. */
const setAll = (response: NodeResponseHead, headers: unknown): void => {
  if (Array.isArray(headers)) {
    const flat: unknown[] = headers.flat(Array.isArray(headers[0]) ? 1 : 0);
    const lines = new Map<string, unknown[]>();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      // Two spellings of a name are one header: the second must not replace the first.
      const name = String(flat[i]).toLowerCase();
      lines.set(name, [...(lines.get(name) ?? []), flat[i + 1]]);
    }
    for (const [name, values] of lines) {
      response.setHeader(name, (values.length === 1 ? values[0] : values) as HeaderValue);
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) response.setHeader(name, value as HeaderValue);
    }
  }
};

const finish = (response: NodeResponseHead, { keys, pending }: Head): void => {
  let present = cookiesOf(response);
  // The latest first: what came later is newer, and an earlier one does not replace it.
  for (const one of pending.toReversed()) {
    const added = cookiesToAdd(present, one);
    if (added.length === 0) continue;
    present = [...present, ...added];
    response.setHeader('set-cookie', present);
  }
  if (present.some((cookie) => keys.has(cookieKey(cookie)))) forbidCaching(response);
};

const cookiesOf = (response: NodeResponseHead): readonly string[] => {
  const value = response.getHeader('set-cookie');
  return value === undefined ? [] : [value].flat().map(String);
};

/** Whether a header tells a cache what it may store, such as `CDN-Cache-Control` (RFC 9213). */
export const isCacheHeader = (name: string): boolean =>
  /(^|-)cache-control$|^(expires|pragma|surrogate-control|x-accel-expires|edge-control)$/i.test(
    name,
  );

const forbidCaching = (response: NodeResponseHead): void => {
  for (const name of response.getHeaderNames()) {
    if (isCacheHeader(name)) response.removeHeader(name);
  }
  for (const [name, value] of Object.entries(noStore)) response.setHeader(name, value);
  // Middleware that ran before ours may still change headers after us, in its own `writeHead`.
  const setHeader = response.setHeader.bind(response);
  const removeHeader = response.removeHeader.bind(response);
  const appendHeader = response.appendHeader?.bind(response);
  response.setHeader = (name, value) => (isCacheHeader(name) ? response : setHeader(name, value));
  response.removeHeader = (name) => {
    if (!isCacheHeader(name)) removeHeader(name);
  };
  if (!appendHeader) return;
  response.appendHeader = (name, value) =>
    isCacheHeader(name) ? response : appendHeader(name, value);
};
