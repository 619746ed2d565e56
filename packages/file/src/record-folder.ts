import { join } from 'node:path';
import { type Clock, ConfigurationError, type SingleUseStore, systemClock } from '@pawl/core/store';
import { type FoundRecord, findRecord } from './find.ts';
import { validateId } from './id.ts';
import { type FolderLocation, folderPathOf } from './location.ts';
import { RecordFiles } from './record-files.ts';
import { rootSecret } from './root-secret.ts';
import { FileSingleUseStore } from './single-use.ts';
import { type CleanupReport, sweep } from './sweep.ts';
import { type RecordChange, updateRecord } from './update.ts';

/** Needs `app` or `folder`. */
export interface RecordFolderOptions extends FolderLocation {
  /** Answers ms since the epoch. Default: the machine's clock. Locks live on real time. */
  readonly clock?: Clock;
  /**
   * In ms: a lock whose holder was killed is taken over after so long. A living holder renews
   * it four times as often. Default 10,000; at least 2,000.
   */
  readonly staleAfter?: number;
  /**
   * In ms: how long to wait for a living holder, before `StoreUnavailableError` with a
   * `FileError` (`busy`) as its cause. Default 60,000: longer than a refresh takes.
   */
  readonly lockTimeout?: number;
}

/** How a single update differs from others. */
export interface UpdateOptions {
  /** In ms: instead of the store's. 0: not at all. */
  readonly lockTimeout?: number;
}

/**
 * Small JSON records by id, one file each, for one user on one machine and any number of
 * processes. An id is 1 to 64 of a–z, 0–9, `.`, `_`, `@` and `-`.
 *
 * Every verb throws `InvalidInputError` for a wrong id, and `StoreUnavailableError` for what
 * fails in the file system; where it is a `FileError`, its `cause` says what to do.
 */
export interface RecordFolder {
  /** The folder that holds all files. */
  readonly folder: string;
  /** Single-use values, for `createSingleUseTokens`: OAuth state that is good for one use. */
  readonly singleUse: SingleUseStore;
  /** The file of an id. @throws InvalidInputError */
  pathOf(id: string): string;
  /**
   * Reads a record: undefined where there is none. One whose time is over is told once, and
   * its file removed. Takes no lock.
   */
  get<T = unknown>(id: string): Promise<FoundRecord<T> | undefined>;
  /** Writes a record, whatever was there. `expiresAt` in ms since the epoch; default: never. */
  set(id: string, value: unknown, expiresAt?: number | null): Promise<void>;
  /** Removes a record and answers whether there was one. Twice is fine. */
  delete(id: string): Promise<boolean>;
  /**
   * Changes a record while no other process does: `change` may take its time, and is called
   * again in the rare case that somebody has written nevertheless. What it throws passes
   * through, and nothing is written. It must not write the same id itself. A corrupt file counts
   * as none.
   */
  update<T = unknown>(
    id: string,
    change: (found: FoundRecord<NoInfer<T>> | undefined) => Promise<RecordChange<NoInfer<T>>>,
    options?: UpdateOptions,
  ): Promise<void>;
  /**
   * Removes what has expired, single-use values included, and what processes that died have
   * left. Call it at a login.
   */
  cleanup(): Promise<CleanupReport>;
  /**
   * 32 random bytes as text, made at the first call and kept in the folder: the root secret
   * for single-use tokens of this machine.
   */
  secret(): Promise<string>;
}

/** @throws ConfigurationError, naming the option. */
export const createRecordFolder = (options: RecordFolderOptions): RecordFolder => {
  const { clock = systemClock, staleAfter = 10_000, lockTimeout = 60_000 } = options;
  if (!(staleAfter >= 2_000 && staleAfter <= 3_600_000)) {
    throw new ConfigurationError('staleAfter', 'must be between 2,000 ms and an hour');
  }
  if (!(lockTimeout >= 0 && lockTimeout < 2 ** 31)) {
    throw new ConfigurationError('lockTimeout', 'must be between 0 and 2,147,483,647 ms');
  }
  const path = folderPathOf(options);
  const records = new RecordFiles(path, clock, { staleAfter, lockTimeout });
  const values = new RecordFiles(join(path, 'single-use'), clock, { staleAfter, lockTimeout });
  const singleUse = new FileSingleUseStore(values);

  return {
    folder: path,
    singleUse,
    pathOf: (id) => {
      validateId(id);
      return records.pathOf(id);
    },
    get: async <T>(id: string) => {
      validateId(id);
      return findRecord<T>(records, id);
    },
    set: async (id, value, expiresAt = null) => {
      validateId(id);
      await records.exclusive(id, () => records.write({ id, value, expiresAt }));
    },
    delete: async (id) => {
      validateId(id);
      return (await records.has(id)) && records.exclusive(id, () => records.remove(id));
    },
    update: async (id, change, { lockTimeout: own } = {}) => {
      validateId(id);
      await updateRecord(records, id, change, own);
    },
    cleanup: async () => {
      const swept = await sweep(records);
      const sweptValues = await sweep(values);
      return {
        expired: swept.expired + sweptValues.expired,
        leftovers: swept.leftovers + sweptValues.leftovers,
        skipped: swept.skipped + sweptValues.skipped,
      };
    },
    secret: () => rootSecret(values),
  };
};
