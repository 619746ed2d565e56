import { createSingleUseTokens } from '@pawl/core/single-use';
import { createTestClock, type TestClock } from '@pawl/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRecordFolder } from './record-folder.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from './testing.ts';

const minute = 60_000;
let clock: TestClock;
let records: TemporaryRecordFolder;

beforeEach(async () => {
  clock = createTestClock();
  records = await createTemporaryRecordFolder({ clock: clock.now });
});
afterEach(() => records.remove());

describe('OAuth state', () => {
  it('D5: can be taken exactly once, with its payload, also by another process', async () => {
    const states = async (): Promise<
      ReturnType<typeof createSingleUseTokens<{ verifier: string }>>
    > => {
      const same = createRecordFolder({ folder: records.folder, clock: clock.now });
      const secrets = [await same.secret()];
      const purpose = 'oauth-state';
      return createSingleUseTokens({
        store: same,
        secrets,
        purpose,
        lifetime: minute,
        clock: clock.now,
      });
    };
    const state = await (await states()).issue({ verifier: 'v' });
    const late = await (await states()).issue({ verifier: 'w' });
    expect(await (await states()).take(state)).toEqual({ verifier: 'v' });
    await expect((await states()).take(state)).rejects.toThrow('not valid');
    await clock.advance(minute);
    await expect((await states()).take(late)).rejects.toThrow('not valid');
  });
});
