import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { ConfigurationError, InvalidInputError } from '@pawl/core';
import { createTestClock, type TestClock } from '@pawl/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from '../testing.ts';
import { type Refresh, RefreshFailedError } from './refresh-at.ts';
import { createSingleLogin, type SingleLogin, type SingleLoginOptions } from './single-login.ts';
import type { TokenResponse } from './token-response.ts';

const minute = 60_000;
let clock: TestClock;
let records: TemporaryRecordFolder;
let served: number;
const refresh = vi.fn<Refresh>();

/** The tokens of a generation. */
const pair = (n: number, rest: Partial<TokenResponse> = {}): TokenResponse => ({
  access_token: `access-${n}`,
  refresh_token: `refresh-${n}`,
  expires_in: 600,
  ...rest,
});

const loginWith = (options: Partial<SingleLoginOptions> = {}): SingleLogin<undefined> =>
  createSingleLogin({ folder: records.folder, clock: clock.now, refresh, ...options });

beforeEach(async () => {
  clock = createTestClock();
  records = await createTemporaryRecordFolder();
  served = 0;
  refresh.mockReset();
  refresh.mockImplementation(async () => pair(++served));
});
afterEach(() => records.remove());

describe('an access token', () => {
  it('is undefined if nobody is logged in', async () => {
    expect(await loginWith().getAccessToken()).toBeUndefined();
    expect(await loginWith().status()).toBeUndefined();
  });

  it('is used until it is about to expire, and then refreshed once for all callers', async () => {
    const login = loginWith();
    await login.save(pair(0));
    await clock.advance(10 * minute - 30_001);
    expect(await login.getAccessToken()).toBe('access-0');
    expect(refresh).not.toHaveBeenCalled();
    await clock.advance(31_000);
    const answers = await Promise.all(Array.from({ length: 30 }, () => login.getAccessToken()));
    expect(new Set(answers)).toEqual(new Set(['access-1']));
    expect(refresh.mock.calls.map(([token]) => token)).toEqual(['refresh-0']);
  });

  it('is on disk, with the refresh token, before it is returned', async () => {
    const login = loginWith();
    await login.save(pair(0, { expires_in: 0 }));
    const token = await login.getAccessToken();
    const text = await readFile(login.path, 'utf8');
    expect(text).toContain(String(token));
    expect(text).toContain('refresh-1');
  });

  it('with a short lifetime is not refreshed all the time', async () => {
    const login = loginWith();
    await login.save(pair(0, { expires_in: 20 }));
    expect(await login.getAccessToken()).toBe('access-0');
    await clock.advance(10_000);
    expect(await login.getAccessToken()).toBe('access-1');
  });

  it('without a lifetime is used until it is refused', async () => {
    const login = loginWith();
    const { expires_in: _, ...timeless } = pair(0);
    await login.save(timeless);
    await clock.advance(10_000 * minute);
    expect(await login.getAccessToken()).toBe('access-0');
    expect(await login.getAccessToken({ refused: 'access-0' })).toBe('access-1');
  });

  it('that was refused is replaced once, however many requests it was refused for', async () => {
    const login = loginWith();
    await login.save(pair(0));
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => login.getAccessToken({ refused: 'access-0' })),
    );
    expect(new Set(answers)).toEqual(new Set(['access-1']));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it.each([
    [undefined, 30 * 24 * 60 * minute],
    [60 * minute, 60 * minute],
  ])(
    'of a login without any lifetime: the login ends after defaultLifetime (%s)',
    async (option, ms) => {
      for (const tokens of [
        { access_token: 'only' },
        { access_token: 'only', refresh_token: 'kept' },
      ]) {
        const login = loginWith({ defaultLifetime: option });
        await login.save(tokens);
        await clock.advance(ms - 1);
        expect(await login.getAccessToken()).toBe('only');
        await clock.advance(1);
        expect(await login.getAccessToken()).toBeUndefined();
        expect(await readdir(records.folder)).toEqual([]);
      }
    },
  );

  it('without any lifetime may be used forever, and a refresh begins a new lifetime', async () => {
    const login = loginWith({ defaultLifetime: Infinity });
    await login.save({ access_token: 'only' });
    await clock.advance(3_650 * 24 * 60 * minute);
    expect(await login.getAccessToken()).toBe('only');

    const other = loginWith({ defaultLifetime: 60 * minute, id: 'other' });
    await other.save({ access_token: 'first', refresh_token: 'kept' });
    await clock.advance(59 * minute);
    refresh.mockResolvedValueOnce({ access_token: 'second' });
    expect(await other.getAccessToken({ refused: 'first' })).toBe('second');
    await clock.advance(59 * minute);
    expect(await other.getAccessToken()).toBe('second');
  });

  it('without a refresh token is used until it expires', async () => {
    const login = loginWith();
    await login.save({ access_token: 'only', expires_in: 600 });
    await clock.advance(10 * minute - 1);
    expect(await login.getAccessToken()).toBe('only');
    expect(await login.getAccessToken({ refused: 'only' })).toBeUndefined();
    await clock.advance(1);
    expect(await login.getAccessToken()).toBeUndefined();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('ends with the refresh token, if the server says when', async () => {
    const login = loginWith();
    await login.save(pair(0, { refresh_token_expires_in: 3_600 }));
    await clock.advance(60 * minute);
    expect(await login.status()).toEqual({ kind: 'expired' });
    expect(await login.status()).toBeUndefined();
    expect(await readdir(records.folder)).toEqual([]);
  });

  it('expires by the time of the request, so that a slow response does no harm', async () => {
    refresh.mockImplementation(async () => {
      await clock.advance(9 * minute);
      return pair(1);
    });
    const login = loginWith();
    await login.save(pair(0, { expires_in: 0 }));
    const asked = clock.now();
    await login.getAccessToken();
    expect(await login.status()).toMatchObject({ accessTokenExpiresAt: asked + 10 * minute });
  });
});

describe('a refresh', () => {
  it('that is refused with invalid_grant ends the login', async () => {
    const login = loginWith();
    await login.save(pair(0));
    await clock.advance(10 * minute);
    refresh.mockResolvedValue(null);
    expect(await login.getAccessToken()).toBeUndefined();
    expect(await login.status()).toBeUndefined();
    expect(await readdir(records.folder)).toEqual([]);
  });

  it('that fails is ignored while the token is valid, and throws after that', async () => {
    const login = loginWith();
    await login.save(pair(0));
    const down = new Error('the server is down');
    refresh.mockRejectedValue(down);
    await clock.advance(10 * minute - 1);
    expect(await login.getAccessToken()).toBe('access-0');
    expect(refresh).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await expect(login.getAccessToken()).rejects.toBe(down);
    refresh.mockResolvedValue(pair(1));
    expect(await login.getAccessToken()).toBe('access-1');
  });

  it('keeps the refresh token if the response has none', async () => {
    const login = loginWith();
    await login.save(pair(0, { expires_in: 0, refresh_token_expires_in: 86_400 }));
    refresh.mockResolvedValueOnce({ access_token: 'next', expires_in: 0 });
    expect(await login.getAccessToken()).toBe('next');
    expect(await login.getAccessToken()).toBe('access-1');
    expect(refresh.mock.calls.map(([token]) => token)).toEqual(['refresh-0', 'refresh-0']);
  });

  it.each([
    {},
    [],
    'text',
    7,
    undefined,
    { access_token: '' },
    { access_token: 7 },
    { access_token: 'secret', refresh_token: '' },
    { access_token: 'secret', expires_in: '600' },
    { access_token: 'secret', expires_in: Number.NaN },
  ])('whose response has no valid tokens fails: %j', async (answer) => {
    const login = loginWith();
    await login.save(pair(0, { expires_in: 0 }));
    const before = await readFile(login.path, 'utf8');
    refresh.mockResolvedValue(answer as unknown as TokenResponse);
    const error = await login.getAccessToken().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefreshFailedError);
    expect(inspect(error)).not.toContain('secret');
    expect(await readFile(login.path, 'utf8')).toBe(before);
    await expect(login.save(answer as unknown as TokenResponse)).rejects.toThrow(InvalidInputError);
  });

  it('that hangs is given up, also if it ignores its signal', async () => {
    let aborted = false;
    refresh.mockImplementation(
      (_, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    );
    const login = loginWith({ refreshTimeout: 20 });
    await login.save(pair(0, { expires_in: 0 }));
    await expect(login.getAccessToken()).rejects.toThrow(RefreshFailedError);
    expect(aborted).toBe(true);
  });

  it('does not bring back a login that ended meanwhile', async () => {
    const login = loginWith();
    await login.save(pair(0, { expires_in: 0 }));
    let ended: Promise<unknown> | undefined;
    refresh.mockImplementation(async () => {
      ended = login.logout();
      return pair(1);
    });
    await login.getAccessToken();
    expect(await ended).toEqual({ accessToken: 'access-1', refreshToken: 'refresh-1' });
    expect(await login.status()).toBeUndefined();
  });

  it('of a process whose lock was taken over keeps what the next holder wrote', async () => {
    const login = loginWith();
    await login.save(pair(0, { expires_in: 0 }));
    const text = await readFile(login.path, 'utf8');
    refresh.mockImplementationOnce(async () => {
      // As another process would do that took the lock over.
      const later = text
        .replaceAll('-0', '-9')
        .replace(/"accessTokenExpiresAt":\d+/, '"accessTokenExpiresAt":9e15');
      await writeFile(login.path, later);
      return pair(1);
    });
    expect(await login.getAccessToken()).toBe('access-9');
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});

describe('D4: a login', () => {
  it('keeps the program’s own data over refreshes', async () => {
    const login = createSingleLogin<{ user: string }>({
      folder: records.folder,
      clock: clock.now,
      refresh,
      id: 'ada@example.com',
    });
    await login.save(pair(0, { expires_in: 0 }), { user: 'ada' });
    await login.getAccessToken();
    expect(await login.status()).toEqual({
      kind: 'live',
      data: { user: 'ada' },
      accessTokenExpiresAt: clock.now() + 10 * minute,
    });
    expect(login.path).toBe(records.pathOf('ada@example.com'));
  });

  it('ends once, and returns its tokens for the server', async () => {
    const login = loginWith();
    await login.save(pair(0));
    expect(await login.logout()).toEqual({ accessToken: 'access-0', refreshToken: 'refresh-0' });
    expect(await login.logout()).toBeUndefined();
    expect(await login.getAccessToken()).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('that others could read can only end', async () => {
    const login = loginWith();
    await login.save(pair(0));
    await chmod(login.path, 0o644);
    await expect(login.getAccessToken()).rejects.toMatchObject({ cause: { problem: 'exposed' } });
    expect(await login.logout()).toBeUndefined();
    expect(await readdir(records.folder)).toEqual([]);
  });

  it('shows no token if it is printed', async () => {
    const login = loginWith();
    await login.save(pair(0));
    await login.getAccessToken();
    expect(inspect([login, await login.status()], { depth: 9, showHidden: true })).not.toMatch(
      /(access|refresh)-0/,
    );
  });

  it.each([
    [{ refresh: undefined }, 'refresh'],
    [{ refreshAhead: -1 }, 'refreshAhead'],
    [{ refreshTimeout: 0 }, 'refreshTimeout'],
    [{ defaultLifetime: 0 }, 'defaultLifetime'],
    [{ defaultLifetime: Number.NaN }, 'defaultLifetime'],
    [{ staleAfter: 1 }, 'staleAfter'],
  ])('refuses %j', (options, option) => {
    const create = (): unknown => loginWith(options as Partial<SingleLoginOptions>);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(expect.objectContaining({ option }));
  });
});
