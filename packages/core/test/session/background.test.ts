import { createApiKeys } from '@pawl/core/api-keys';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deploy, minute, second, secrets } from '../deployment.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A `waitUntil` that keeps what it was given. */
const platform = () => {
  const works: Promise<unknown>[] = [];
  return { works, waitUntil: (work: Promise<unknown>): void => void works.push(work) };
};

const untilTouchIsDue = 2 * minute;

describe('work that outlives its call', () => {
  it('goes to waitUntil of the sessions and of the call', async () => {
    const { node, pass, sessions } = deploy();
    // A store that does not write activity while it reads.
    sessions.replies.set('find', (found: object) => ({ ...found, touchDue: true }));
    const [all, one] = [platform(), platform()];
    const core = node({ onEvent: undefined, waitUntil: all.waitUntil });
    const { accessToken, refreshToken } = await core.create({ userId: 'ann' });
    pass(untilTouchIsDue);
    await core.verify(accessToken, { waitUntil: one.waitUntil });
    expect([all.works.length, one.works.length]).toStrictEqual([1, 1]);
    await Promise.all([...all.works, ...one.works]);
    await core.resume(refreshToken, { waitUntil: one.waitUntil });
    expect([all.works.length, one.works.length]).toStrictEqual([2, 2]);
    await Promise.all(all.works);
    expect(sessions.calls.filter((verb) => verb === 'touch')).toHaveLength(2);
  });

  it('what a listener returns goes there too, and its failure to the console', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { node, store } = deploy();
    const { works, waitUntil } = platform();
    const onEvent = async (): Promise<never> => {
      throw new Error('the log is down');
    };
    await node({ onEvent, waitUntil }).create({ userId: 'ann' });
    await createApiKeys({ store, secrets, onEvent, waitUntil }).create({ userId: 'a', name: 'a' });
    expect(works).toHaveLength(2);
    expect(await Promise.all(works)).toStrictEqual([undefined, undefined]);
    expect(logged).toHaveBeenCalledTimes(2);
  });

  it('counts as running for 30 s: a lost touch does not keep the next one away', async () => {
    const { node, pass, sessions } = deploy();
    sessions.replies.set('find', (found: object) => ({ ...found, touchDue: true }));
    const touch = vi.spyOn(sessions.part, 'touch').mockReturnValue(new Promise(() => {}));
    const core = node({ store: { sessions: sessions.part } });
    const { accessToken } = await core.create({ userId: 'ann' });
    await core.verify(accessToken);
    pass(30 * second - 1);
    await core.verify(accessToken);
    expect(touch).toHaveBeenCalledTimes(1);
    pass(1);
    await core.verify(accessToken);
    expect(touch).toHaveBeenCalledTimes(2);
    // Nobody waits for the lost one.
    pass(30 * second);
    await core.drain();
  });

  it('a touch or a waitUntil that throws fails no request', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { node, sessions, types } = deploy();
    sessions.replies.set('find', (found: object) => ({ ...found, touchDue: true }));
    vi.spyOn(sessions.part, 'touch').mockImplementation(() => {
      throw new TypeError('at once');
    });
    const core = node({
      waitUntil: () => {
        throw new TypeError('Illegal invocation');
      },
    });
    const { accessToken, refreshToken } = await core.create({ userId: 'ann' });
    types();
    expect((await core.verify(accessToken)).userId).toBe('ann');
    await core.drain();
    expect((await core.resume(refreshToken)).auth.userId).toBe('ann');
    await core.drain();
    expect(types()).toStrictEqual(['background.failed', 'background.failed']);
    expect(logged).toHaveBeenCalledTimes(2);
  });
});
