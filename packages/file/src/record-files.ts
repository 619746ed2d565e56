import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@pawl/core';
import { callStore } from '@pawl/core/internal';
import { assertOwnFolder, isOpenToOthers, ownerFor } from './access.ts';
import { ifExists } from './failure.ts';
import { FileError } from './file-error.ts';
import { fileNameOf } from './id.ts';
import { type LockTimes, withLock } from './lock/lock.ts';
import { readFile } from './read-file.ts';
import { type FileContent, readRecord, writeRecord } from './record.ts';
import { syncFolder, temporaryPath, writeFile } from './write-file.ts';

/** A file as it was read. Comparing its text shows whether it was written since. */
export interface ReadRecord {
  readonly text: string | null;
  /** Null if the file is missing or corrupt. */
  readonly content: FileContent | null;
}

/** The files of a folder: one record and one lock per id. An id's files are named after it. */
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
    return this.#pathAt(fileNameOf(id));
  }

  /** Whether the file exists, valid or not. @throws StoreUnavailableError */
  has(id: string): Promise<boolean> {
    return callStore(async () => (await ifExists(lstat(this.pathOf(id)))) !== undefined);
  }

  /** Reads without a lock, because a file is always complete. @throws StoreUnavailableError */
  read(id: string): Promise<ReadRecord> {
    return this.#read(fileNameOf(id), (content) => content.id === id);
  }

  /** The same for the record in a file of this name, whatever its id is. */
  readAt(name: string): Promise<ReadRecord> {
    return this.#read(name, (content) => fileNameOf(content.id) === name);
  }

  corrupt(id: string): FileError {
    return new FileError(
      'corrupt',
      this.pathOf(id),
      'is not a valid record: log in again, or remove it',
    );
  }

  busy(id: string): FileError {
    return new FileError('busy', this.pathOf(id), 'is changed by other processes all the time');
  }

  isExpired({ expiresAt }: FileContent): boolean {
    return expiresAt !== null && this.clock() >= expiresAt;
  }

  /**
   * Runs `work` while no other process writes the record of this id.
   * @throws StoreUnavailableError, and what `work` throws
   */
  exclusive<T>(id: string, work: () => Promise<T>, lockTimeout?: number): Promise<T> {
    return this.exclusiveAt(fileNameOf(id), work, lockTimeout);
  }

  /** The same for the files of this name. */
  async exclusiveAt<T>(
    name: string,
    work: () => Promise<T>,
    lockTimeout: number = this.#times.lockTimeout,
  ): Promise<T> {
    let failure: { readonly error: unknown } | undefined;
    const result = await callStore(async () => {
      await this.#prepare();
      return withLock(this.#baseAt(name), { ...this.#times, lockTimeout }, async () => {
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

  /** Call it under the lock. @throws InvalidInputError, StoreUnavailableError */
  async write(content: FileContent): Promise<void> {
    const text = writeRecord(content);
    await callStore(async () =>
      writeFile(this.#baseAt(fileNameOf(content.id)), text, await this.#prepare()),
    );
  }

  /** Call it under the lock. Returns whether there was a file. */
  remove(id: string): Promise<boolean> {
    return this.removeAt(fileNameOf(id));
  }

  /** The same for the file of this name. */
  removeAt(name: string): Promise<boolean> {
    return callStore(async () => {
      const exists = (await ifExists(rm(this.#pathAt(name)).then(() => true))) ?? false;
      if (exists) await syncFolder(this.path);
      return exists;
    });
  }

  /**
   * Removes the file and returns its content. Only one process can succeed in renaming the file,
   * even if two believe that they hold the lock.
   */
  take(id: string): Promise<FileContent | null> {
    return callStore(async () => {
      const renamed = temporaryPath(this.#baseAt(fileNameOf(id)));
      const exists = await ifExists(rename(this.pathOf(id), renamed).then(() => true));
      if (!exists) return null;
      const text = await readFile(renamed);
      await rm(renamed, { force: true });
      await syncFolder(this.path);
      const content = text === null ? null : readRecord(text);
      return content?.id === id ? content : null;
    });
  }

  #read(name: string, isOwn: (content: FileContent) => boolean): Promise<ReadRecord> {
    return callStore(async () => {
      const text = await readFile(this.#pathAt(name));
      const content = text === null ? null : readRecord(text);
      return { text, content: content && isOwn(content) ? content : null };
    });
  }

  #pathAt(name: string): string {
    return `${this.#baseAt(name)}.json`;
  }

  #baseAt(name: string): string {
    return join(this.path, name);
  }

  /** Ensures that the folder exists and is closed to others. Returns the owner for new files. */
  async #prepare(): Promise<{ uid: number; gid: number } | undefined> {
    let stats: Stats | undefined = await ifExists(stat(this.path));
    if (!stats) {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
      stats = await stat(this.path);
    }
    assertOwnFolder(this.path, stats);
    if (isOpenToOthers(stats)) await chmod(this.path, 0o700);
    return ownerFor(stats);
  }
}
