import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';
import { Exchange } from './exchange.ts';
import type { Route } from './route-table.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const begin = (): Exchange => {
  const route = { deadlines: new Deadlines(1_000) } as unknown as Route;
  return new Exchange(new ServerResponse(new IncomingMessage(new Socket())), route, 1);
};

test('what lasts too long has ended, for whatever is waited for next', async () => {
  const exchange = begin();
  vi.advanceTimersByTime(1_001);
  await expect(exchange.orEnd(Promise.resolve())).rejects.toMatchObject({ code: 'timeout' });
});

test('what is over is not ended any more', async () => {
  const exchange = begin();
  exchange.close();
  vi.advanceTimersByTime(1_001);
  expect(await exchange.orEnd(Promise.resolve('done'))).toBe('done');
});
