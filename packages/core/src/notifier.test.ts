import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createNotifier } from './notifier.ts';

type Event = { readonly at: number } & (
  | { readonly type: 'opened'; readonly by: string }
  | { readonly type: 'closed' }
);

describe('a notifier', () => {
  const reported = vi.spyOn(console, 'error');
  beforeEach(() => void reported.mockImplementation(() => {}));
  afterEach(() => void reported.mockReset());

  it('dates an event', () => {
    const received: Event[] = [];
    const notify = createNotifier<Event>(
      (event) => received.push(event),
      () => 1_234,
    );
    notify({ type: 'opened', by: 'ann' });
    notify({ type: 'closed' });
    expect(received).toStrictEqual([
      { type: 'opened', by: 'ann', at: 1_234 },
      { type: 'closed', at: 1_234 },
    ]);
  });

  it('does nothing without a listener', () => {
    const notify = createNotifier<Event>(undefined, () => expect.fail('the clock was asked'));
    notify({ type: 'closed' });
  });

  it('logs and drops what a listener throws', () => {
    const failure = new Error('a bug');
    const notify = createNotifier<Event>(
      () => {
        throw failure;
      },
      () => 0,
    );
    notify({ type: 'closed' });
    expect(reported).toHaveBeenCalledExactlyOnceWith(expect.any(String), failure);
  });

  it('logs and drops the rejection of an asynchronous listener', async () => {
    const failure = new Error('a bug');
    const unhandled = vi.fn<(error: unknown) => void>();
    process.on('unhandledRejection', unhandled);
    createNotifier<Event>(
      async () => Promise.reject(failure),
      () => 0,
    )({ type: 'closed' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(reported).toHaveBeenCalledExactlyOnceWith(expect.any(String), failure);
  });
});
