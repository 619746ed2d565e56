import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { ConfigurationError, InvalidInputError, StoreUnavailableError } from '@pawl/core/store';
import { createTestClock, type TestClock } from '@pawl/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from './file-store.ts';
import { createTemporaryStore, type TemporaryFileStore } from './testing.ts';

const minute = 60_000;
let clock: TestClock;
let store: TemporaryFileStore;

beforeEach(async () => {
  clock = createTestClock();
  store = await createTemporaryStore({ clock: clock.now });
});
afterEach(() => store.remove());

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).toSorted();

describe('records', () => {
  it('come back as they went in', async () => {
    const value = { text: 'grüße 👩‍👩‍👧 \u0000', list: [1, null, true], nested: { a: {} } };
    await store.set('one', value);
    expect(await store.get('one')).toEqual({ kind: 'live', value, expiresAt: null });
  });

  it('that nobody wrote are undefined, and looking makes no folder', async () => {
    const nowhere = createFileStore({ folder: join(store.folder, 'deep', 'down') });
    expect(await nowhere.get('one')).toBeUndefined();
    expect(await nowhere.delete('one')).toBe(false);
    expect(await nowhere.singleUse.take('one')).toBeNull();
    expect(await nowhere.cleanup()).toEqual({ expired: 0, leftovers: 0, skipped: 0 });
    expect(await namesIn(store.folder)).toEqual([]);
  });

  it('are told to be expired once, from their very millisecond on, and removed', async () => {
    await store.set('one', 1, clock.now() + minute);
    await clock.advance(minute - 1);
    expect(await store.get('one')).toMatchObject({ kind: 'live', value: 1 });
    await clock.advance(1);
    expect(await store.get('one')).toEqual({ kind: 'expired' });
    expect(await namesIn(store.folder)).toEqual([]);
    expect(await store.get('one')).toBeUndefined();
  });

  it('can be deleted twice', async () => {
    await store.set('one', 1);
    expect(await store.delete('one')).toBe(true);
    expect(await store.delete('one')).toBe(false);
    expect(await store.get('one')).toBeUndefined();
  });

  it('are one readable JSON file each, in a folder closed to others', async () => {
    const folder = join(store.folder, 'a', 'b');
    const deep = createFileStore({ folder });
    await deep.set('one', { a: 1 }, 4e12);
    expect(deep.folder).toBe(folder);
    expect(deep.pathOf('one')).toBe(join(folder, 'one.json'));
    expect(JSON.parse(await readFile(deep.pathOf('one'), 'utf8'))).toEqual({
      version: 1,
      id: 'one',
      expiresAt: 4e12,
      value: { a: 1 },
    });
    expect(await namesIn(folder)).toEqual(['one.json']);
    expect([await modeOf(folder), await modeOf(deep.pathOf('one'))]).toEqual(['700', '600']);
  });

  it.each(['../one', 'a/b', '..', 'ONE'])('refuse the id %s', async (id) => {
    expect(() => store.pathOf(id)).toThrow(InvalidInputError);
    for (const call of [
      () => store.get(id),
      () => store.set(id, 1),
      () => store.delete(id),
      () => store.update(id, async () => 'keep'),
    ]) {
      await expect(call()).rejects.toThrow(InvalidInputError);
    }
  });

  it('refuse what is no JSON, or no small record, and keep the old one', async () => {
    await store.set('one', 'old');
    const loop: unknown[] = [];
    loop.push(loop);
    for (const value of [undefined, () => 1, 1n, loop, 'x'.repeat(300_000)]) {
      await expect(store.set('one', value)).rejects.toThrow(InvalidInputError);
    }
    await expect(store.set('one', 1, Number.NaN)).rejects.toThrow(InvalidInputError);
    expect(await store.get('one')).toMatchObject({ value: 'old' });
    expect(await namesIn(store.folder)).toEqual(['one.json']);
  });
});

describe('update', () => {
  it('keeps, changes or deletes', async () => {
    await store.update('one', async (found) => ({ value: [found] }));
    await store.update('one', async () => 'keep');
    expect(await store.get('one')).toMatchObject({ value: [null] });
    await store.update('one', async () => 'delete');
    expect(await store.get('one')).toBeUndefined();
  });

  it('loses nothing among many calls at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        store.update<number>('one', async (found) => ({
          value: (found?.kind === 'live' ? found.value : 0) + 1,
        })),
      ),
    );
    expect(await store.get('one')).toMatchObject({ value: 50 });
  });

  it('passes on what the change throws, as it is, and lets go', async () => {
    const error = new Error('mine');
    await expect(store.update('one', () => Promise.reject(error))).rejects.toBe(error);
    await store.set('one', 1);
  });

  it('looks again when somebody wrote although it had the lock', async () => {
    await store.set('one', 1);
    const seen: unknown[] = [];
    await store.update<number>('one', async (found) => {
      seen.push(found?.kind === 'live' && found.value);
      if (seen.length === 1) {
        const text = await readFile(store.pathOf('one'), 'utf8');
        await writeFile(store.pathOf('one'), text.replace('"value":1', '"value":7'));
      }
      return { value: 8 };
    });
    expect(seen).toEqual([1, 7]);
  });

  it('does not wait where it is told not to', async () => {
    await store.update('one', async () => {
      const busy = store.update('one', async () => 'keep', { patience: 0 });
      await expect(busy).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { problem: 'busy' },
      });
      return 'keep';
    });
  });
});

describe('cleanup', () => {
  it('removes what is over and what crashes left, and nothing else', async () => {
    await store.set('kept', 1, clock.now() + 2 * minute);
    await store.set('gone', 1, clock.now() + minute);
    await store.singleUse.put('gone too', '1', minute);
    await store.singleUse.put('kept too', '1', 2 * minute);
    const uuid = '01234567-89ab-cdef-0123-456789abcdef';
    await writeFile(join(store.folder, `kept.${uuid}.tmp`), 'half a rec');
    await mkdir(join(store.folder, 'other.lock.takeover'));
    await writeFile(join(store.folder, 'notes.txt'), 'not ours');
    await writeFile(join(store.folder, 'broken.json'), '{"version":1,', { mode: 0o600 });
    await writeFile(join(store.folder, 'foreign.json'), '{"a":1}', { mode: 0o600 });
    await writeFile(join(store.folder, 'open.json'), '{}', { mode: 0o644 });
    await mkdir(join(store.folder, 'folder.json'));
    await clock.advance(minute + 1);
    expect(await store.cleanup()).toEqual({ expired: 2, leftovers: 2, skipped: 4 });
    expect(await namesIn(store.folder)).toEqual([
      'broken.json',
      'folder.json',
      'foreign.json',
      'kept.json',
      'notes.txt',
      'open.json',
      'single-use',
    ]);
    expect(await store.singleUse.take('kept too')).toBe('1');
  });

  it('leaves alone what somebody is writing', async () => {
    await store.set('one', 1, clock.now() + minute);
    await clock.advance(2 * minute);
    await store.update('one', async () => {
      expect(await store.cleanup()).toEqual({ expired: 0, leftovers: 0, skipped: 0 });
      return { value: 2 };
    });
    expect(await store.get('one')).toMatchObject({ value: 2 });
  });
});

describe('a file that cannot be trusted', () => {
  it.each(['', 'secret', '{"version":1}', '{"version":2,"id":"one","expiresAt":null,"value":1}'])(
    'is not "not found", and is not quoted: %s',
    async (text) => {
      await writeFile(store.pathOf('one'), text, { mode: 0o600 });
      const error = await store.get('one').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error).toMatchObject({ cause: { problem: 'corrupt', path: store.pathOf('one') } });
      expect(String((error as Error).cause)).not.toContain('secret');
      await store.set('one', 'healed');
      expect(await store.get('one')).toMatchObject({ value: 'healed' });
    },
  );

  it('is refused under another name', async () => {
    await store.set('one', 1);
    await writeFile(store.pathOf('two'), await readFile(store.pathOf('one')), { mode: 0o600 });
    await expect(store.get('two')).rejects.toMatchObject({ cause: { problem: 'corrupt' } });
  });

  it.skipIf(process.platform === 'win32')('is refused if others can read it', async () => {
    await store.set('one', 1);
    for (const mode of [0o644, 0o640, 0o604, 0o660]) {
      await chmod(store.pathOf('one'), mode);
      await expect(store.get('one')).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { problem: 'exposed', message: expect.stringContaining(`mode ${mode.toString(8)}`) },
      });
    }
    await store.set('one', 2);
    expect(await store.get('one')).toMatchObject({ value: 2 });
    expect(await modeOf(store.pathOf('one'))).toBe('600');
  });

  it.skipIf(process.platform === 'win32')('is refused if it is a link', async () => {
    await store.set('one', 1);
    await symlink(store.pathOf('one'), store.pathOf('two'));
    await expect(store.get('two')).rejects.toMatchObject({ cause: { problem: 'foreign' } });
    await store.set('two', 2);
    expect(await store.get('one')).toMatchObject({ value: 1 });
  });

  it.skipIf(process.platform === 'win32')('may lie in a folder that only others read', async () => {
    await chmod(store.folder, 0o755);
    await store.set('one', 1);
    expect(await modeOf(store.folder)).toBe('700');
    await chmod(store.folder, 0o777);
    await expect(store.set('one', 2)).rejects.toMatchObject({ cause: { problem: 'foreign' } });
    expect(await modeOf(store.folder)).toBe('777');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'belongs to the folder’s owner when root writes it',
    async () => {
      await chown(store.folder, 12_345, 12_345);
      await store.set('one', 1);
      expect(await stat(store.pathOf('one'))).toMatchObject({ uid: 12_345, gid: 12_345 });
      expect(await store.get('one')).toMatchObject({ value: 1 });
    },
  );

  it('is a failure of the store, whatever the system says', async () => {
    await writeFile(join(store.folder, 'file'), '');
    const below = createFileStore({ folder: join(store.folder, 'file', 'below') });
    for (const call of [
      () => below.get('one'),
      () => below.set('one', 1),
      () => below.delete('one'),
      () => below.cleanup(),
      () => below.secret(),
      () => below.singleUse.put('one', '1', 1),
      () => below.singleUse.take('one'),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        cause: { code: 'ENOTDIR' },
      });
    }
  });
});

describe('options', () => {
  it('name a program, whose files are among the user’s configuration', () => {
    const { folder } = createFileStore({ app: 'pawl-test' });
    expect(folder.startsWith(process.env['XDG_CONFIG_HOME'] ?? homedir())).toBe(true);
    expect(folder.endsWith(join('pawl-test', 'sessions'))).toBe(true);
    expect(dirname(dirname(folder))).not.toBe(homedir());
  });

  it.each([
    [{}, 'app'],
    [{ app: 'a', folder: 'b' }, 'app'],
    [{ app: '../a' }, 'app'],
    [{ app: '' }, 'app'],
    [{ folder: '' }, 'folder'],
    [{ app: 'a', staleAfter: 1_999 }, 'staleAfter'],
    [{ app: 'a', staleAfter: Number.NaN }, 'staleAfter'],
    [{ app: 'a', patience: -1 }, 'patience'],
  ])('refuse %j', (options, option) => {
    expect(() => createFileStore(options)).toThrow(ConfigurationError);
    expect(() => createFileStore(options)).toThrow(expect.objectContaining({ option }));
  });
});

describe('OAuth state', () => {
  it('is good exactly once, with its payload, also for a process that did not make it', async () => {
    const states = async (): Promise<
      ReturnType<typeof createSingleUseTokens<{ verifier: string }>>
    > => {
      const same = createFileStore({ folder: store.folder, clock: clock.now });
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
