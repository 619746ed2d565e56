import { afterEach, expect, test, vi } from 'vitest';
import { origin, request, setUp } from '../test/fixture.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a listener that throws, or rejects, changes nothing and is logged', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue();
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  const problem = new Error('the log is full');
  const listeners: readonly (() => unknown)[] = [
    () => {
      throw problem;
    },
    () => Promise.reject(problem),
  ];
  for (const onEvent of listeners) {
    const { http } = setUp({ onEvent });
    const headers = { origin: 'https://evil.example' };
    const response = await http.login(request('POST', '/login', headers), { userId: 'ann' });
    expect(response.status).toBe(403);
    const fine = await http.login(request('POST', '/login', { origin }), { userId: 'ann' });
    expect(fine.status).toBe(200);
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
  expect(log.mock.calls).toEqual([
    ['pawl: an event listener threw', problem],
    ['pawl: an event listener threw', problem],
  ]);
});
