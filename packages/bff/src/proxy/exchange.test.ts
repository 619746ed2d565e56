import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';
import { Exchange } from './exchange.ts';
import { UpstreamError } from './failure.ts';
import type { Route } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const begin = () => {
  const route = { prefix: '/api', deadlines: new Deadlines(1_000, 'timeout') } as unknown as Route;
  const emit = vi.fn<ProxySettings['emit']>();
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const settings = { responseLimit: 1, emit } as unknown as ProxySettings;
  return { exchange: new Exchange(settings, route, request, response), response, emit };
};

test('an exchange that lasts too long is ended at once', () => {
  const { exchange, response, emit } = begin();
  vi.advanceTimersByTime(1_001);
  expect(response.writableEnded).toBe(true);
  expect(response.statusCode).toBe(504);
  expect(emit).toHaveBeenCalledExactlyOnceWith({
    type: 'upstream.failed',
    route: '/api',
    status: 504,
    reason: 'timeout',
  });
  expect(() => exchange.throwIfEnded()).toThrow(expect.objectContaining({ code: 'timeout' }));
});

test('only the first end counts, and later failures are ignored', () => {
  const { exchange, response, emit } = begin();
  exchange.end('session_ended');
  exchange.end('store_failed');
  exchange.fail(new UpstreamError(new Error('late')));
  expect(response.statusCode).toBe(401);
  expect(emit).not.toHaveBeenCalled();
  expect(() => exchange.throwIfEnded()).toThrow(expect.objectContaining({ code: 'session_ended' }));
});

test('a finished exchange is not ended by its timeout', () => {
  const { exchange, response } = begin();
  exchange.close();
  vi.advanceTimersByTime(1_001);
  expect(response.headersSent).toBe(false);
  expect(() => exchange.throwIfEnded()).not.toThrow();
});

test('a client that went away causes no event and no request', async () => {
  const { exchange, response, emit } = begin();
  response.destroy();
  await vi.advanceTimersByTimeAsync(0);
  exchange.end('client_gone');
  expect(emit).not.toHaveBeenCalled();
  const attempt = { method: 'GET', path: '/', search: '', headers: [], body: null };
  const sent = exchange.send(attempt, { inspect: () => null, expiresAt: null });
  await expect(sent).rejects.toMatchObject({ code: 'client_gone' });
});
