import type { Store } from '@pawl/core/store';
import {
  newApiKey,
  newCallId,
  newUserId,
  revokeAllKeysInput,
  revokeKeyInput,
  seededBytes,
} from '../../fixtures/builders.ts';
import { callOnBothNodes, winnerOf } from '../../harness/both-nodes.ts';
import type { Suite } from '../../harness/suite.ts';
import { callIds } from './call-ids.ts';

/** Calls whose replies are lost: they are sent again, on either node. */
export const registerApiKeysSentAgain = (suite: Suite<Pick<Store, 'apiKeys'>>): void =>
  suite.group('api keys, sent again', () => {
    suite.test(
      'create returns its record again, and another key with that id throws',
      async (t) => {
        const key = newApiKey();
        const created = await t.store.apiKeys.create(key);
        await t.wait(5);
        t.same(await t.second.apiKeys.create(key), created);
        const other = { ...key, tokenHash: seededBytes('another', 32) };
        await t.throws(() => t.store.apiKeys.create(other), 'ERR_INPUT_INVALID', 'another key');
        t.same(await t.store.apiKeys.list(key.userId), [created]);
      },
    );

    suite.test(
      'revoke returns `revoked` again to the call that revoked the key, and to no other',
      async (t) => {
        const { keyId, userId } = await t.store.apiKeys.create(newApiKey());
        const input = revokeKeyInput(keyId, userId);
        t.same(await t.store.apiKeys.revoke(input), 'revoked');
        const ended = (await t.store.apiKeys.find(keyId))?.record;
        await t.wait(5);
        t.same(await t.second.apiKeys.revoke(input), 'revoked');
        t.same(await t.store.apiKeys.revoke(revokeKeyInput(keyId, userId)), 'already_revoked');
        t.same(await t.store.apiKeys.revoke({ ...input, userId: newUserId() }), 'missing');
        t.same((await t.store.apiKeys.find(keyId))?.record, ended);
      },
    );

    suite.test('the callIds of inputs and results can be overwritten', async (t) => {
      const { keyId, userId } = await t.store.apiKeys.create(newApiKey());
      const other = await t.store.apiKeys.create(newApiKey({ userId }));
      const [one, all] = [newCallId(), newCallId()];
      const [revoke, revokeAll] = [Uint8Array.from(one), Uint8Array.from(all)];
      await t.store.apiKeys.revoke({ keyId, callId: revoke });
      await t.store.apiKeys.revokeAll({ userId, callId: revokeAll });
      for (const given of [revoke, revokeAll]) given.fill(0xee);
      for (const [id, revokedBy] of [
        [keyId, one],
        [other.keyId, all],
      ] as const) {
        const found = await t.store.apiKeys.find(id);
        t.same(found?.record.revokedBy, revokedBy);
        found?.record.revokedBy?.fill(0xee);
        t.same((await t.store.apiKeys.find(id))?.record.revokedBy, revokedBy);
      }
    });

    suite.test('revokeAll returns the same count again, and 0 to another call', async (t) => {
      const userId = newUserId();
      const keys = [1, 2, 3].map(() => newApiKey({ userId }));
      for (const key of keys) await t.store.apiKeys.create(key);
      await t.store.apiKeys.create(newApiKey());
      await t.store.apiKeys.revoke(revokeKeyInput(keys[0]?.keyId ?? ''));
      const input = revokeAllKeysInput(userId);
      t.same(await t.store.apiKeys.revokeAll(input), 2);
      t.same(await t.second.apiKeys.revokeAll(input), 2);
      t.same(await t.store.apiKeys.revokeAll(revokeAllKeysInput(userId)), 0);
      t.same(await t.store.apiKeys.revokeAll(input), 2);
      for (const { keyId } of keys.slice(1)) {
        t.same((await t.store.apiKeys.find(keyId))?.record.revokedBy, input.callId);
        const other = await t.store.apiKeys.revoke({ keyId, callId: input.callId });
        t.same(other, 'revoked', 'it is the call that ended it, whatever the verb');
      }
    });

    suite.test('of 64 concurrent revocations, each sent twice, one revokes the key', async (t) => {
      const { keyId } = await t.store.apiKeys.create(newApiKey());
      const outcomes = await callOnBothNodes(t, callIds(), ({ apiKeys }, callId) =>
        apiKeys.revoke({ keyId, callId }),
      );
      winnerOf(t, outcomes, (outcome) => outcome === 'revoked');
    });
  });
