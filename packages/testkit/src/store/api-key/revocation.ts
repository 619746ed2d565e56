import type { Store } from '@pawl/core/store';
import {
  newApiKey,
  newId,
  newUserId,
  revokeAllKeysInput,
  revokeKeyInput,
} from '../../fixtures/builders.ts';
import type { Suite } from '../../harness/suite.ts';
import { createKeys, readKey } from './trial.ts';

/** `revoke` and `revokeAll` of API keys. */
export const registerApiKeyRevocation = (suite: Suite<Pick<Store, 'apiKeys'>>): void =>
  suite.group('api key revocation', () => {
    suite.test('revoke sets the time once, and no call changes it', async (t) => {
      const key = newApiKey();
      const created = await t.store.apiKeys.create(key);
      await t.wait(5);
      const input = revokeKeyInput(key.keyId);
      t.same(await t.store.apiKeys.revoke(input), 'revoked');
      const revoked = await readKey(t, key.keyId);
      t.same(revoked, { ...created, revokedAt: revoked.revokedAt, revokedBy: input.callId });
      t.same((revoked.revokedAt ?? 0) > created.createdAt, true);
      if (t.clock) t.same(revoked.revokedAt, t.clock.now());
      await t.wait(5);
      t.same(
        await t.second.apiKeys.revoke(revokeKeyInput(key.keyId, key.userId)),
        'already_revoked',
      );
      await t.store.apiKeys.find(key.keyId, 1);
      await t.store.apiKeys.revokeAll(revokeAllKeysInput(key.userId));
      const { revokedAt, revokedBy } = await readKey(t, key.keyId);
      t.same([revokedAt, revokedBy], [revoked.revokedAt, input.callId]);
    });

    suite.test('a key that does not exist or belongs to another user is missing', async (t) => {
      const key = newApiKey();
      const created = await t.store.apiKeys.create(key);
      t.same(await t.store.apiKeys.revoke(revokeKeyInput(newId('nobody'))), 'missing');
      for (const userId of [newUserId(), key.userId.toUpperCase(), `${key.userId} `, '']) {
        t.same(await t.store.apiKeys.revoke(revokeKeyInput(key.keyId, userId)), 'missing');
      }
      t.same(await readKey(t, key.keyId), created);
      t.same(await t.store.apiKeys.revoke(revokeKeyInput(key.keyId, key.userId)), 'revoked');
    });

    suite.test('revokeAll revokes the keys of the user and of no other user', async (t) => {
      const userId = newUserId();
      const keys = await createKeys(t, userId, 3);
      const [other = ''] = await createKeys(t, newUserId(), 1);
      await t.store.apiKeys.revoke(revokeKeyInput(keys[0] as string));
      t.same(await t.store.apiKeys.revokeAll(revokeAllKeysInput(userId)), 2);
      t.same(await t.store.apiKeys.revokeAll(revokeAllKeysInput(userId)), 0);
      t.same(await t.store.apiKeys.list(userId), []);
      for (const keyId of keys) t.same((await readKey(t, keyId)).revokedAt === null, false);
      t.same((await readKey(t, other)).revokedAt, null);
    });

    suite.test('revokeAll ends a key until its last millisecond, and no expired one', async (t) => {
      const userId = newUserId();
      const [first, second] = [t.now() + t.shortLifetime, t.now() + 4 * t.shortLifetime];
      const early = newApiKey({ userId, expiresAt: first });
      const late = newApiKey({ userId, expiresAt: second });
      await t.store.apiKeys.create(early);
      await t.store.apiKeys.create(late);
      await t.waitUntil(first);
      t.same(await t.store.apiKeys.revokeAll(revokeAllKeysInput(userId)), 1);
      t.same((await t.store.apiKeys.find(early.keyId))?.record.revokedAt ?? null, null);
      const { revokedAt } = await readKey(t, late.keyId);
      if (t.clock) t.same(revokedAt, t.clock.now());
      const last = newApiKey({ userId, expiresAt: second });
      await t.store.apiKeys.create(last);
      await t.waitUntilJustBefore(second);
      t.same(await t.store.apiKeys.revokeAll(revokeAllKeysInput(userId)), 1, 'it has not expired');
    });

    suite.test('of 64 concurrent revocations one is first', async (t) => {
      const [keyId = ''] = await createKeys(t, newUserId(), 1);
      const outcomes = await Promise.all(
        Array.from({ length: 64 }, (_, i) =>
          (i % 2 ? t.store : t.second).apiKeys.revoke(revokeKeyInput(keyId)),
        ),
      );
      t.same(outcomes.filter((outcome) => outcome === 'revoked').length, 1);
      t.same(outcomes.filter((outcome) => outcome === 'already_revoked').length, 63);
    });

    suite.test('concurrent revokeAll calls revoke and count each key once', async (t) => {
      const userId = newUserId();
      await createKeys(t, userId, 5);
      const counts = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 ? t.store : t.second).apiKeys.revokeAll(revokeAllKeysInput(userId)),
        ),
      );
      t.same(
        counts.reduce((sum, count) => sum + count),
        5,
      );
    });
  });
