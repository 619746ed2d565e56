import { type AccessTokens, createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import { describe, expect, it } from 'vitest';
import { codeOf, type Deployment, deploy, minute, secrets } from '../deployment.ts';

const format = jwtAccessTokens({ issuer: 'i', audience: 'a', clockTolerance: 0 });

const node = ({ now, blocklist }: Deployment, clock = now): AccessTokens<Record<string, unknown>> =>
  createAccessTokens({ format, secrets, clock, blocklist: { blocklist: blocklist.part } });

const revoked = 'ERR_TOKEN_REVOKED';

describe('all tokens of a user, in the mode without sessions', () => {
  it('are refused if they are from before, and valid if they are from after', async () => {
    const deployment = deploy();
    const [one, two] = [node(deployment), node(deployment)];
    const before = await one.issue({ userId: 'ann' });
    const other = await one.issue({ userId: 'bob' });
    deployment.pass(1);
    await two.revokeAll('ann');
    deployment.pass(1);
    const after = await one.issue({ userId: 'ann' });
    for (const each of [one, two]) {
      expect(await codeOf(each.verify(before.accessToken))).toBe(revoked);
      expect((await each.verify(after.accessToken)).userId).toBe('ann');
      expect((await each.verify(other.accessToken)).userId).toBe('bob');
    }
  });

  it('within one millisecond of one node too, in any order', async () => {
    const tokens = node(deploy());
    const before = await tokens.issue({ userId: 'ann' });
    await tokens.revokeAll('ann');
    const between = await tokens.issue({ userId: 'ann' });
    expect(await codeOf(tokens.verify(before.accessToken))).toBe(revoked);
    expect((await tokens.verify(between.accessToken)).userId).toBe('ann');
    await tokens.revokeAll('ann');
    expect(await codeOf(tokens.verify(between.accessToken))).toBe(revoked);
  });

  it('are checked with the ids in one call of the store', async () => {
    const deployment = deploy();
    const tokens = node(deployment);
    const { accessToken } = await tokens.issue({ userId: 'ann' });
    const cost = await deployment.blocklist.costOf(async () => {
      await tokens.verify(accessToken);
      await tokens.revokeAll('ann');
    });
    expect(cost).toStrictEqual(['isRevoked', 'revokeBefore']);
  });

  it('the store keeps one value per user, for as long as a token may live', async () => {
    const deployment = deploy();
    const tokens = node(deployment);
    const { accessToken } = await tokens.issue({ userId: 'ann' });
    await tokens.revokeAll('ann');
    await tokens.revokeAll('ann');
    deployment.pass(10 * minute - 1_000);
    expect(await codeOf(tokens.verify(accessToken))).toBe(revoked);
    deployment.pass(2 * minute + 1_000);
    expect(await deployment.store.blocklist.deleteExpired()).toBe(0);
    deployment.pass(1);
    expect(await deployment.store.blocklist.deleteExpired()).toBe(1);
  });

  it('a clock that steps back does not let an earlier time replace a later one', async () => {
    const deployment = deploy();
    const { now } = deployment;
    const tokens = node(deployment);
    const { accessToken } = await tokens.issue({ userId: 'ann' });
    deployment.pass(100);
    await tokens.revokeAll('ann');
    await node(deployment, () => now() - 1_000).revokeAll('ann');
    expect(await codeOf(tokens.verify(accessToken))).toBe(revoked);
  });

  it('a token with a foreign jti counts from the second of its iat', async () => {
    const deployment = deploy();
    const { now, pass } = deployment;
    const issued = format({
      keys: (await import('@pawl/core/keys')).createKeyRing(secrets),
      clock: now,
      crypto: (await import('#crypto')).defaultCrypto,
    });
    const second = Math.floor(now() / 1_000);
    const grant = { userId: 'ann', issuedAt: second, expiresAt: second + 600, claims: '{}' };
    const [a, b] = await Promise.all(
      ['x'.repeat(24), 'another'].map(async (jti) =>
        issued.issue({ ...grant, jti, authTime: second }),
      ),
    );
    const tokens = node(deployment);
    expect((await tokens.verify(a as string)).tokenId).toBe('x'.repeat(24));
    await tokens.revokeAll('ann');
    expect(await codeOf(tokens.verify(a as string))).toBe(revoked);
    expect(await codeOf(tokens.verify(b as string))).toBe(revoked);
    pass(1_000);
    const later = await issued.issue({
      ...grant,
      issuedAt: second + 1,
      jti: 'later',
      authTime: second,
    });
    expect((await tokens.verify(later)).tokenId).toBe('later');
  });

  it('needs a blocklist that can do it', async () => {
    const deployment = deploy();
    const { blocklist: whole } = deployment.store;
    const blocklist = { isRevoked: (ids: readonly string[]) => whole.isRevoked(ids) };
    for (const options of [{}, { blocklist: { blocklist } }]) {
      const tokens = createAccessTokens({ format, secrets, ...options });
      expect(await codeOf(tokens.revokeAll('ann'))).toBe('ERR_CONFIGURATION');
    }
  });

  it('a failed store is no revocation', async () => {
    const deployment = deploy();
    const tokens = node(deployment);
    deployment.blocklist.fail('revokeBefore', 'before');
    expect(await codeOf(tokens.revokeAll('ann'))).toBe('ERR_STORE_UNAVAILABLE');
  });
});
