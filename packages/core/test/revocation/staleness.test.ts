import { createSessions, generateSecret, type Sessions, type SessionsOptions } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { RevocationListener, SessionStore } from '@pawl/core/store';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory-store.ts';

type Node = Sessions<Record<string, unknown>, Record<string, unknown>>;

let now = Date.UTC(2030, 0, 1);
let reads = 0;
let listeners: RevocationListener[] = [];
let store: SessionStore;
const secrets = [generateSecret()];
const clock = (): number => now;

/** A store that counts its reads, and whose feed the test can break, or that has none. */
const watched = (feed = true): SessionStore => {
  const { sessions } = createMemoryStore({ clock });
  return new Proxy(sessions, {
    get: (target, verb: keyof SessionStore) => {
      if (verb === 'subscribe') {
        if (!feed) return undefined;
        return (listener: RevocationListener) => {
          listeners.push(listener);
          return target.subscribe?.(listener);
        };
      }
      if (verb === 'find') reads += 1;
      return (target[verb] as (...args: unknown[]) => unknown).bind(target);
    },
  });
};

const node = (
  sessions: SessionStore = store,
  options: Partial<SessionsOptions<Record<string, unknown>, Record<string, unknown>>> = {},
): Node =>
  createSessions({ store: { sessions }, secrets, clock, maxStaleness: 30_000, ...options });

/** Returns how many store reads a check makes. */
const costOf = async (check: () => Promise<unknown>): Promise<number> => {
  const before = reads;
  await check();
  return reads - before;
};

describe('checks that allow some staleness', () => {
  beforeEach(() => {
    store = watched();
    listeners = [];
  });

  it('read the store once within the allowed age, and again when it is reached', async () => {
    const sessions = node();
    const { accessToken } = await sessions.create({ userId: 'ada' });
    expect(await costOf(() => sessions.verify(accessToken))).toBe(1);
    now += 29_999;
    expect(await costOf(() => sessions.verify(accessToken))).toBe(0);
    now += 1;
    expect(await costOf(() => sessions.verify(accessToken))).toBe(1);
  });

  it('read the store every time by default, and where a call asks for it', async () => {
    const strict = node(store, { maxStaleness: 0 });
    const lax = node();
    const { accessToken } = await strict.create({ userId: 'ada' });
    await strict.verify(accessToken);
    expect(await costOf(() => strict.verify(accessToken))).toBe(1);
    await lax.verify(accessToken);
    expect(await costOf(() => lax.verify(accessToken, { maxStaleness: 0 }))).toBe(1);
  });

  it('refuse at once what another node revoked, because of the feed', async () => {
    const [here, there] = [node(), node()];
    const { accessToken, sessionId } = await here.create({ userId: 'ada' });
    await here.verify(accessToken);
    await there.revoke(sessionId);
    await expect(here.verify(accessToken)).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
  });

  it('read the store while the feed is broken, and drop what they cached', async () => {
    const sessions = node();
    const { accessToken } = await sessions.create({ userId: 'ada' });
    await sessions.verify(accessToken);
    for (const { connected } of listeners) connected(false);
    expect(await costOf(() => sessions.verify(accessToken))).toBe(1);
    expect(await costOf(() => sessions.verify(accessToken))).toBe(1);
    for (const { connected } of listeners) connected(true);
    expect(await costOf(() => sessions.verify(accessToken))).toBe(1);
    expect(await costOf(() => sessions.verify(accessToken))).toBe(0);
  });

  it('do not rely on a feed before it says that it is connected', async () => {
    const silent = new Proxy(store, {
      get: (target, verb: keyof SessionStore) =>
        verb === 'subscribe' ? () => () => {} : target[verb],
    });
    const sessions = node(silent);
    const { accessToken } = await sessions.create({ userId: 'ada' });
    await sessions.verify(accessToken);
    expect(await costOf(() => sessions.verify(accessToken))).toBe(1);
  });

  it('do not cache a record if a revocation arrives during its read', async () => {
    let release = (): void => {};
    const slow = new Proxy(store, {
      get: (target, verb: keyof SessionStore) =>
        verb !== 'find'
          ? target[verb]
          : async (...args: Parameters<SessionStore['find']>) => {
              const found = await target.find(...args);
              await new Promise<void>((resolve) => {
                release = resolve;
              });
              return found;
            },
    });
    const [here, there] = [node(slow), node()];
    const { accessToken, sessionId } = await there.create({ userId: 'ada' });
    const overtaken = here.verify(accessToken);
    await new Promise(setImmediate);
    await there.revoke(sessionId);
    release();
    await overtaken;
    const after = here.verify(accessToken);
    await new Promise(setImmediate);
    release();
    await expect(after).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
  });

  it('read the store for a newer generation, and after each change by this node', async () => {
    const sessions = node();
    const first = await sessions.create({ userId: 'ada' });
    await sessions.verify(first.accessToken);
    const second = await sessions.refresh(first.refreshToken);
    expect(await costOf(() => sessions.verify(second.accessToken))).toBe(1);
    await sessions.update(first.sessionId, () => ({ data: { theme: 'dark' } }));
    const auth = await sessions.verify(second.accessToken);
    expect(auth.session?.data).toEqual({ theme: 'dark' });
  });

  it('read the store for a generation that another node made', async () => {
    const sessions = node();
    const first = await sessions.create({ userId: 'ada' });
    await sessions.verify(first.accessToken);
    const second = await node().refresh(first.refreshToken);
    expect(await costOf(() => sessions.verify(second.accessToken))).toBe(1);
  });

  it('refuse when the session expires, though the cached record and the token would do', async () => {
    const sessions = node(store, {
      idleTimeout: 660_000,
      absoluteTimeout: 660_000,
      accessToken: jwtAccessTokens({
        issuer: 'https://issuer.example',
        audience: 'https://api.example',
        clockTolerance: 30_000,
      }),
    });
    const { refreshToken, refreshTokenExpiresAt } = await sessions.create({ userId: 'ada' });
    now += 300_000;
    const { accessToken } = await sessions.refresh(refreshToken);
    now = refreshTokenExpiresAt - 1_000;
    await sessions.verify(accessToken);
    now += 999;
    expect(await costOf(() => sessions.verify(accessToken))).toBe(0);
    now += 1;
    await expect(sessions.verify(accessToken)).rejects.toMatchObject({
      code: 'ERR_SESSION_EXPIRED',
    });
  });

  it('refuse without a feed what this node revoked: by call, and by eviction at a login', async () => {
    const sessions = node(watched(false), { limit: { max: 1, policy: 'evict_oldest' } });
    const first = await sessions.create({ userId: 'ada' });
    await sessions.verify(first.accessToken);
    const second = await sessions.create({ userId: 'ada' });
    const refusal = { code: 'ERR_SESSION_REVOKED' };
    await expect(sessions.verify(first.accessToken)).rejects.toMatchObject(refusal);
    await sessions.verify(second.accessToken);
    await sessions.revokeAll('ada');
    await expect(sessions.verify(second.accessToken)).rejects.toMatchObject(refusal);
  });

  it('read the store again after the sessions were closed', async () => {
    const sessions = node(store, {
      idleTimeout: 660_000,
      maxStaleness: 2_000_000,
      touchInterval: 659_000,
    });
    const { accessToken } = await sessions.create({ userId: 'ada' });
    await sessions.verify(accessToken);
    now += 530_000;
    expect(await costOf(() => sessions.verify(accessToken))).toBe(0);
    await sessions.close();
    expect(await costOf(() => sessions.verify(accessToken))).toBe(1);
  });
});
