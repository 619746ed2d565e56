import { describe, expect, it } from 'vitest';
import { codeOf, deploy, minute } from '../deployment.ts';

describe('a limit of sessions per user', () => {
  it('SE-08: evicts the oldest session, with an event', async () => {
    const { node, pass, types, events } = deploy();
    const sessions = node({ limit: { max: 2, policy: 'evict_oldest' } });
    const tokens = [];
    for (let i = 0; i < 3; i++) {
      pass(minute);
      tokens.push(await sessions.create({ userId: 'ann' }));
    }
    await sessions.create({ userId: 'bob' });
    const [oldest, ...others] = tokens as [(typeof tokens)[0], ...typeof tokens];
    const code = await codeOf(sessions.refresh((oldest as { refreshToken: string }).refreshToken));
    expect(code).toBe('ERR_SESSION_REVOKED');
    for (const { sessionId } of others) expect(await sessions.get(sessionId)).toBeDefined();
    expect(types().filter((type) => type === 'session.revoked')).toHaveLength(1);
    expect(events.find(({ type }) => type === 'session.revoked')).toMatchObject({
      sessionId: oldest?.sessionId,
      userId: 'ann',
      reason: 'evicted',
    });
  });

  it('SE-08: or refuses the newest login, without a token', async () => {
    const { node, types } = deploy();
    const sessions = node({ limit: { max: 1, policy: 'refuse' } });
    const first = await sessions.create({ userId: 'ann' });
    types();
    expect(await codeOf(sessions.create({ userId: 'ann' }))).toBe('ERR_SESSION_LIMIT');
    expect(types()).toStrictEqual([]);
    expect(await sessions.list('ann')).toHaveLength(1);
    await sessions.revoke(first.sessionId);
    expect((await sessions.create({ userId: 'ann' })).outcome).toBe('created');
  });

  it('does not count expired sessions', async () => {
    const { node, pass } = deploy();
    const sessions = node({ limit: { max: 1, policy: 'refuse' } });
    await sessions.create({ userId: 'ann', idleTimeout: 20 * minute });
    pass(20 * minute);
    expect((await sessions.create({ userId: 'ann' })).outcome).toBe('created');
  });

  it('TOC-01: holds against 64 logins at once, on two nodes', async () => {
    for (const policy of ['evict_oldest', 'refuse'] as const) {
      const { node } = deploy();
      const [a, b] = [node({ limit: { max: 3, policy } }), node({ limit: { max: 3, policy } })];
      const results = await Promise.allSettled(
        Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? a : b).create({ userId: 'ann' })),
      );
      expect(await a.list('ann')).toHaveLength(3);
      const given = results.filter(({ status }) => status === 'fulfilled');
      expect(given).toHaveLength(policy === 'refuse' ? 3 : 64);
    }
  });
});
