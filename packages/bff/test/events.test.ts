import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { type Service, startService } from './service.ts';

let service: Service;
afterEach(() => service?.close());

/** Records what reaches the process, which ends on an unhandled rejection. */
const watchProcess = () => {
  const unhandled = vi.fn<(error: unknown) => void>();
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  process.on('unhandledRejection', unhandled);
  onTestFinished(() => {
    process.off('unhandledRejection', unhandled);
    logged.mockRestore();
  });
  return { unhandled, logged };
};

test.each([
  [
    'rejects',
    async () => {
      throw new Error('no');
    },
  ],
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
])('an event listener that %s is logged, and changes nothing', async (_, fail) => {
  const { unhandled, logged } = watchProcess();
  service = await startService({
    options: { onEvent: (event) => (event.type === 'upstream.refreshed' ? fail() : undefined) },
  });
  const sessionId = await service.login();
  const { accessToken } = await service.bff.upstream.getUpstreamToken(sessionId);
  service.pass(3_600_000);
  const refreshed = await service.bff.upstream.getUpstreamToken(sessionId);
  expect(refreshed.accessToken).not.toBe(accessToken);
  await new Promise((resolve) => setImmediate(resolve));
  expect(logged).toHaveBeenCalledWith(
    expect.any(String),
    expect.objectContaining({ message: 'no' }),
  );
  expect(unhandled).not.toHaveBeenCalled();
});
