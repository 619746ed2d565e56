import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newCallId } from '@pawl/core/store';
import { refreshAt } from '../../src/login/refresh-at.ts';
import { createSingleLogin } from '../../src/login/single-login.ts';
import { createRecordFolder, type RecordFolder } from '../../src/record-folder.ts';

/** A record that shows whether it is complete. */
export interface Marked {
  readonly writer: number;
  readonly count: number;
  readonly padding: string;
}

const mark = (writer: number, count: number): Marked => ({
  writer,
  count,
  padding: `${writer}:${count};`.repeat(500),
});

export const isComplete = ({ writer, count, padding }: Marked): boolean =>
  padding === mark(writer, count).padding;

const openFolder = (folder: string): RecordFolder =>
  createRecordFolder({ folder, staleAfter: 2_000 });

/** What another process can do for a test. Each task takes and returns JSON. */
export const tasks = {
  /** Returns how often another process was seen at work at the same time. */
  increment: async ({ folder, times }: { folder: string; times: number }): Promise<number> => {
    const records = openFolder(folder);
    const marker = join(folder, 'at-work');
    let intruders = 0;
    for (let i = 0; i < times; i++) {
      await records.update<number>('counter', async (found) => {
        const mine = await open(marker, 'wx').catch(() => null);
        await mine?.close();
        await pause(0);
        if (mine) await rm(marker);
        else intruders++;
        return { value: (found?.kind === 'live' ? found.value : 0) + 1 };
      });
    }
    return intruders;
  },

  /** Returns how many records were incomplete. */
  write: async (task: { folder: string; writer: number; times: number }): Promise<number> => {
    const records = openFolder(task.folder);
    let torn = 0;
    for (let count = 0; count < task.times; count++) {
      await records.set('shared', mark(task.writer, count));
      const found = await records.get<Marked>('shared');
      if (found?.kind !== 'live' || !isComplete(found.value)) torn++;
    }
    return torn;
  },

  writeUntilKilled: async ({ folder }: { folder: string }): Promise<number> => {
    const records = openFolder(folder);
    for (let count = 0; ; count++) await records.set('shared', mark(process.pid, count));
  },

  /** Acquires the lock, reports it, and never releases it. */
  hold: async ({ folder, id }: { folder: string; id: string }): Promise<number> => {
    await openFolder(folder).update(id, async () => {
      process.send?.({ result: 'holding' });
      await pause(60_000);
      return 'keep';
    });
    return 0;
  },

  put: ({ folder, key, value }: { folder: string; key: string; value: string }): Promise<boolean> =>
    openFolder(folder).singleUse.put(key, value, 60_000, newCallId()),

  take: ({ folder, key }: { folder: string; key: string }): Promise<string | null> =>
    openFolder(folder).singleUse.take(key, newCallId()),

  secret: ({ folder }: { folder: string }): Promise<string> => openFolder(folder).secret(),

  /** With `die` the process is killed after the response has arrived, before anything is written. */
  accessToken: async (task: {
    folder: string;
    url: string;
    now: number;
    die: boolean;
  }): Promise<string | null> => {
    const refresh = refreshAt(task.url);
    const login = createSingleLogin({
      folder: task.folder,
      staleAfter: 2_000,
      clock: () => task.now,
      refresh: async (token, signal) => {
        const response = await refresh(token, signal);
        if (task.die) process.kill(process.pid, 'SIGKILL');
        return response;
      },
    });
    return (await login.getAccessToken()) ?? null;
  },
} as const;
