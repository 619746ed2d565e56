import { expect, test } from 'vitest';
import { webRequest, webResponse } from './web.ts';

const post = (body: string | ReadableStream, headers: Record<string, string> = {}): Request =>
  // Node requires `duplex` if the body is a stream; the types do not have it.
  new Request('http://localhost', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);

/** A body in chunks, without a length. */
const stream = (chunks: readonly string[], onCancel = (): void => {}): ReadableStream =>
  new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
    cancel: onCancel,
  });

test('a view of a request', async () => {
  const headers = new Headers([
    ['authorization', 'Bearer a'],
    ['authorization', 'Bearer b'],
  ]);
  const view = webRequest(new Request('http://localhost/a%20b?c=d#e', { headers }), '192.0.2.7');
  expect(view).toMatchObject({
    method: 'GET',
    path: '/a%20b',
    query: 'c=d',
    remoteAddress: '192.0.2.7',
  });
  expect(view.header('authorization')).toBe('Bearer a, Bearer b');
  expect(view.header('cookie')).toBeUndefined();
  expect(await view.body(10)).toEqual(new Uint8Array());
  expect(webRequest(new Request('http://localhost')).query).toBe('');
});

test('a body is read up to the limit, whether chunked or not', async () => {
  expect(await webRequest(post('12345')).body(5)).toHaveLength(5);
  expect(await webRequest(post('123456')).body(5)).toBeNull();
  expect(await webRequest(post(stream(['12', '345']))).body(5)).toHaveLength(5);
  expect(await webRequest(post(stream(['12', '3456']))).body(5)).toBeNull();
  // The claimed length decides before anything is read.
  expect(await webRequest(post('1', { 'content-length': '6' })).body(5)).toBeNull();
  // Then the real length decides: a request that no server has made may claim anything.
  expect(await webRequest(post('12345', { 'content-length': '5' })).body(5)).toHaveLength(5);
  expect(await webRequest(post('123456', { 'content-length': '5' })).body(5)).toBeNull();
  expect(await webRequest(post('', { 'content-length': '0' })).body(5)).toHaveLength(0);
  const unclear = post(stream(['12', '3456']), { 'content-length': 'many' });
  expect(await webRequest(unclear).body(5)).toBeNull();
});

test('a body of unknown length is read no further than the limit', async () => {
  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(4)),
    cancel: () => {
      cancelled = true;
    },
  });
  expect(await webRequest(post(endless)).body(5)).toBeNull();
  expect(cancelled).toBe(true);
});

test('the parts of a response', async () => {
  const response = webResponse({
    status: 200,
    headers: { 'cache-control': 'no-store' },
    cookies: ['a=1', 'b=2'],
    body: [],
  });
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual([]);
  const empty = webResponse({ status: 204, headers: {}, cookies: [] });
  expect(empty.status).toBe(204);
  expect(empty.body).toBeNull();
  expect(empty.headers.get('content-type')).toBeNull();
});
