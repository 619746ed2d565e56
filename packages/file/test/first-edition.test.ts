import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { newCallId } from '@pawl/core/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSingleLogin, type Refresh } from '../src/index.ts';
import { createTemporaryRecordFolder, type TemporaryRecordFolder } from '../src/testing.ts';

/** The files of a folder as commit 17be396 wrote them, by path: see the README of `@pawl/upgrades`. */
interface Made {
  readonly madeAt: number;
  /** A single-use token whose payload is in one of the files. */
  readonly issued: string;
  readonly files: Readonly<Record<string, string>>;
}

const made = JSON.parse(
  readFileSync(new URL('first-edition.json', import.meta.url), 'utf8'),
) as Made;

describe('files of the first edition', () => {
  const clock = (): number => made.madeAt + 30_000;
  let records: TemporaryRecordFolder;
  beforeEach(async () => {
    records = await createTemporaryRecordFolder({ clock });
    for (const [path, text] of Object.entries(made.files)) {
      const file = join(records.folder, path);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, text, { mode: 0o600 });
    }
  });
  afterEach(() => records.remove());

  const login = (id: string, refresh: Refresh, now = clock): ReturnType<typeof createSingleLogin> =>
    createSingleLogin({ folder: records.folder, id, refresh, clock: now });
  const never: Refresh = () => Promise.reject(new Error('not expected'));

  it('a login is still one: its access token is used, and it is logged out', async () => {
    const one = login('login', never);
    expect(await one.status()).toMatchObject({ kind: 'live', data: { name: 'Zoë' } });
    expect(await one.getAccessToken()).toBe('access 1');
    expect(await one.logout()).toMatchObject({ refreshToken: 'refresh 1' });
    expect(await one.getAccessToken()).toBeUndefined();
  });

  it('a login whose access token has expired is refreshed', async () => {
    const presented: string[] = [];
    const refresh: Refresh = (refreshToken) => {
      presented.push(refreshToken);
      return Promise.resolve({ access_token: 'access 3', refresh_token: 'refresh 3' });
    };
    const one = login('due', refresh, () => clock() + 60_000);
    expect(await one.getAccessToken()).toBe('access 3');
    expect(presented).toEqual(['refresh 2']);
    expect(await one.status()).toMatchObject({ kind: 'live', data: { name: 'Zoë' } });
  });

  it('a record is read', async () => {
    expect(await records.get('note')).toMatchObject({ kind: 'live', value: { text: 'kept' } });
  });

  it('a single-use value is taken once, and a taken one never', async () => {
    const { singleUse } = records;
    expect(await singleUse.put('state', 'another', 60_000, newCallId())).toBe(false);
    const callId = newCallId();
    for (let i = 0; i < 2; i++) {
      expect(await singleUse.take('state', callId)).toBe('{"verifier":"Zoë"}');
    }
    expect(await singleUse.take('state', newCallId())).toBeNull();
    expect(await singleUse.take('taken', newCallId())).toBeNull();
  });

  it('a single-use token is valid under the root secret of the folder', async () => {
    const states = createSingleUseTokens<{ verifier: string }>({
      store: records,
      secrets: [await records.secret()],
      purpose: 'oauth-state',
      lifetime: 60_000,
      clock,
    });
    expect(await states.take(made.issued)).toEqual({ verifier: 'v' });
    await expect(states.take(made.issued)).rejects.toThrow('not valid');
  });

  it('the cleanup removes none of them', async () => {
    expect(await records.cleanup()).toEqual({ expired: 0, leftovers: 0, skipped: 0 });
  });
});
