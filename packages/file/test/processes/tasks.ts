import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { refreshAt } from '../../src/login/refresh-at.ts';
import { createSingleLogin } from '../../src/login/single-login.ts';
import { createRecordFolder, type RecordFolder } from '../../src/record-folder.ts';

/** A record that shows whether it is whole. */
export interface Sealed {
  readonly writer: number;
  readonly count: number;
  readonly padding: string;
}

const seal = (writer: number, count: number): Sealed => ({
  writer,
  count,
  padding: `${writer}:${count};`.repeat(500),
});

export const isWhole = ({ writer, count, padding }: Sealed): boolean =>
  padding === seal(writer, count).padding;

const at = (folder: string): RecordFolder => createRecordFolder({ folder, staleAfter: 2_000 });

/** What another process can be told to do. Each takes and answers JSON. */
export const tasks = {
  /** Answers how often somebody else was seen at work at the same time. */
  increment: async ({ folder, times }: { folder: string; times: number }): Promise<number> => {
    const store = at(folder);
    const marker = join(folder, 'at-work');
    let intruders = 0;
    for (let i = 0; i < times; i++) {
      await store.update<number>('counter', async (found) => {
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

  /** Answers how many records were not whole. */
  write: async (task: { folder: string; writer: number; times: number }): Promise<number> => {
    const store = at(task.folder);
    let torn = 0;
    for (let count = 0; count < task.times; count++) {
      await store.set('shared', seal(task.writer, count));
      const found = await store.get<Sealed>('shared');
      if (found?.kind !== 'live' || !isWhole(found.value)) torn++;
    }
    return torn;
  },

  writeUntilKilled: async ({ folder }: { folder: string }): Promise<number> => {
    const store = at(folder);
    for (let count = 0; ; count++) await store.set('shared', seal(process.pid, count));
  },

  /** Takes the lock, says so, and never gives it back. */
  hold: async ({ folder, id }: { folder: string; id: string }): Promise<number> => {
    await at(folder).update(id, async () => {
      process.send?.({ result: 'holding' });
      await pause(60_000);
      return 'keep';
    });
    return 0;
  },

  put: ({ folder, key, value }: { folder: string; key: string; value: string }): Promise<boolean> =>
    at(folder).singleUse.put(key, value, 60_000),

  take: ({ folder, key }: { folder: string; key: string }): Promise<string | null> =>
    at(folder).singleUse.take(key),

  secret: ({ folder }: { folder: string }): Promise<string> => at(folder).secret(),

  /** With `die` the process is killed when the answer is here, and nothing is written yet. */
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
        const answer = await refresh(token, signal);
        if (task.die) process.kill(process.pid, 'SIGKILL');
        return answer;
      },
    });
    return (await login.getAccessToken()) ?? null;
  },
} as const;
