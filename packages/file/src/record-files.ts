import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@pawl/core/store';
import { checkFolder, ownerFor } from './access.ts';
import { ifExists, wrapFileErrors } from './failure.ts';
import { FileError } from './file-error.ts';
import { type LockTimes, withLock } from './lock/lock.ts';
import { readFile } from './read-file.ts';
import { type FileContent, readRecord, writeRecord } from './record.ts';
import { syncFolder, temporaryPath, writeFile } from './write-file.ts';

/** A file as it was read: its text tells whether somebody has written since. */
export interface ReadRecord {
  readonly text: string | null;
  /** Null: there is no file, or what is in it is no record. */
  readonly content: FileContent | null;
}

/** A folder of records, one file and one lock for each id. */
export class RecordFiles {
  readonly path: string;
  readonly clock: Clock;
  readonly #times: LockTimes;

  constructor(path: string, clock: Clock, times: LockTimes) {
    this.path = path;
    this.clock = clock;
    this.#times = times;
  }

  pathOf(id: string): string {
    return `${this.#base(id)}.json`;
  }

  /** Whether there is a file, whatever is in it. @throws StoreUnavailableError */
  has(id: string): Promise<boolean> {
    return wrapFileErrors(async () => (await ifExists(lstat(this.pathOf(id)))) !== undefined);
  }

  /** Reads without a lock: a file is always whole. @throws StoreUnavailableError */
  read(id: string): Promise<ReadRecord> {
    return wrapFileErrors(async () => {
      const text = await readFile(this.pathOf(id));
      return { text, content: text === null ? null : readRecord(id, text) };
    });
  }

  corrupt(id: string): FileError {
    return new FileError('corrupt', this.pathOf(id), 'is not the record that was written there');
  }

  busy(id: string): FileError {
    return new FileError('busy', this.pathOf(id), 'is written by others all the time');
  }

  isPast({ expiresAt }: FileContent): boolean {
    return expiresAt !== null && this.clock() >= expiresAt;
  }

  /**
   * Runs `work` while nobody else writes the record of this id.
   * @throws StoreUnavailableError, and what `work` throws, as it is.
   */
  async exclusive<T>(
    id: string,
    work: () => Promise<T>,
    lockTimeout: number = this.#times.lockTimeout,
  ): Promise<T> {
    let failure: { readonly error: unknown } | undefined;
    const result = await wrapFileErrors(async () => {
      await this.#prepare();
      return withLock(this.#base(id), { ...this.#times, lockTimeout }, async () => {
        try {
          return await work();
        } catch (error) {
          failure = { error };
          return undefined;
        }
      });
    });
    if (failure) throw failure.error;
    return result as T;
  }

  /** Under the lock. @throws InvalidInputError, StoreUnavailableError */
  async write(content: FileContent): Promise<void> {
    const text = writeRecord(content);
    await wrapFileErrors(async () =>
      writeFile(this.#base(content.id), text, await this.#prepare()),
    );
  }

  /** Under the lock. Answers whether there was a file. */
  remove(id: string): Promise<boolean> {
    return wrapFileErrors(async () => {
      const there = (await ifExists(rm(this.pathOf(id)).then(() => true))) ?? false;
      if (there) await syncFolder(this.path);
      return there;
    });
  }

  /**
   * Takes the file away and answers what was in it: the rename is what only one
   * process can do, even if two should believe that they have the lock.
   */
  take(id: string): Promise<FileContent | null> {
    return wrapFileErrors(async () => {
      const taken = temporaryPath(this.#base(id));
      const there = await ifExists(rename(this.pathOf(id), taken).then(() => true));
      if (!there) return null;
      const text = await readFile(taken);
      await rm(taken, { force: true });
      await syncFolder(this.path);
      return text === null ? null : readRecord(id, text);
    });
  }

  #base(id: string): string {
    return join(this.path, id);
  }

  /** Sees to it that there is a folder, closed to others. Answers whose files belong there. */
  async #prepare(): Promise<{ uid: number; gid: number } | undefined> {
    let stats: Stats | undefined = await ifExists(stat(this.path));
    if (!stats) {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
      stats = await stat(this.path);
    }
    if (checkFolder(this.path, stats)) await chmod(this.path, 0o700);
    return ownerFor(stats);
  }
}
