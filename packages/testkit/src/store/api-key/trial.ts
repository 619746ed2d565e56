import type { ApiKeyRecord, Store } from '@pawl/core/store';
import { newApiKey } from '../../fixtures/builders.ts';
import type { Trial } from '../../harness/trial.ts';

type ApiKeyTrial = Trial<Pick<Store, 'apiKeys'>>;

/** Reads a key that must exist. */
export const readKey = async (t: ApiKeyTrial, keyId: string): Promise<ApiKeyRecord> => {
  const found = await t.store.apiKeys.find(keyId);
  if (!found) throw new Error('the store does not have the key that the test created');
  return found.record;
};

/** Creates keys of a user one after another, each in another millisecond. Returns ids, oldest first. */
export const createKeys = async (
  t: ApiKeyTrial,
  userId: string,
  count: number,
): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const { keyId } = await t.store.apiKeys.create(newApiKey({ userId }));
    ids.push(keyId);
    await t.wait(1);
  }
  return ids;
};
