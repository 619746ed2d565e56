import { join } from 'node:path';
import { type Clock, ConfigurationError, systemClock } from '@pawl/core';
import { assertOptions, type OptionNames } from '@pawl/core/internal';
import type { SingleUseStore } from '@pawl/core/store';
import { type FoundRecord, findRecord } from './find.ts';
import { validateId } from './id.ts';
import { type FolderLocation, folderPathOf } from './location.ts';
import { RecordFiles } from './record-files.ts';
import { rootSecret } from './root-secret.ts';
import { FileSingleUseStore } from './single-use.ts';
import { type CleanupReport, sweep } from './sweep.ts';
import { type RecordChange, updateRecord } from './update.ts';

/** Options of {@link createRecordFolder}. Either `app` or `folder` is required. */
export interface RecordFolderOptions extends FolderLocation {
  /**
   * Returns the time in ms since the epoch. Default: the machine's clock. Locks always use the
   * machine's clock.
   */
  readonly clock?: Clock | undefined;
  /**
   * In ms: how long after its holder was killed a lock can be taken over. A running holder
   * renews its lock four times as often. Default 10,000; 2,000 to 3,600,000.
   */
  readonly staleAfter?: number | undefined;
  /**
   * In ms: how long to wait for a lock that another process holds, before
   * `StoreUnavailableError` with a `FileError` (`busy`) as its cause. Default 60,000, which is
   * longer than a refresh takes.
   */
  readonly lockTimeout?: number | undefined;
}

const optionNames: OptionNames<RecordFolderOptions> = {
  app: 1,
  folder: 1,
  clock: 1,
  staleAfter: 1,
  lockTimeout: 1,
};

/** Options of {@link RecordFolder.update}. */
export interface UpdateOptions {
  /** In ms: replaces the `lockTimeout` of the folder. 0: do not wait. */
  readonly lockTimeout?: number | undefined;
}

/**
 * A folder of small JSON records by id, one file each, for one user on one machine and any number
 * of processes. An id is 1 to 255 characters without `/`, `\` and control characters. Its file has
 * a name of its own on every file system, also on one that ignores case.
 *
 * Every method throws `InvalidInputError` if the id is invalid, and `StoreUnavailableError` if
 * the file system fails. If the cause is a `FileError`, its message says what to do.
 */
export interface RecordFolder {
  /** The path of the folder. */
  readonly folder: string;
  /** Single-use values in the folder, for `createSingleUseTokens`: OAuth state, for example. */
  readonly singleUse: SingleUseStore;
  /** Returns the path of the file of an id. @throws InvalidInputError */
  pathOf(id: string): string;
  /**
   * Reads a record, without a lock. Returns undefined if there is none. An expired record is
   * reported once, and its file is removed.
   */
  get<T = unknown>(id: string): Promise<FoundRecord<T> | undefined>;
  /** Writes a record, and replaces an existing one. `expiresAt` in ms since the epoch; default never. */
  set(id: string, value: unknown, expiresAt?: number | null): Promise<void>;
  /** Removes a record. Returns whether there was one. */
  delete(id: string): Promise<boolean>;
  /**
   * Changes a record while no other process can write it. `change` may take its time; it is
   * called again in the rare case that another process wrote all the same. An error that it
   * throws is passed on, and nothing is written. It must not write the same id itself. A corrupt
   * file is treated as a missing record.
   */
  update<T = unknown>(
    id: string,
    change: (found: FoundRecord<NoInfer<T>> | undefined) => Promise<RecordChange<NoInfer<T>>>,
    options?: UpdateOptions,
  ): Promise<void>;
  /**
   * Removes expired records and single-use values, and what killed processes left. Call it at
   * every login.
   */
  cleanup(): Promise<CleanupReport>;
  /**
   * Returns 32 random bytes as text, which are created at the first call and kept in the folder:
   * the root secret for the single-use tokens of this machine.
   */
  secret(): Promise<string>;
}

/**
 * Opens a folder of records for a command-line program. The folder is created, closed to other
 * users, when something is first written.
 *
 * @example
 * ```ts
 * const records = createRecordFolder({ app: 'acme' }); // ~/.config/acme/sessions
 * await records.set('profile', { name: 'ann' });
 * const found = await records.get<{ name: string }>('profile');
 * if (found?.kind === 'live') console.log(found.value.name);
 * ```
 *
 * @throws ConfigurationError if an option is missing or invalid
 */
export const createRecordFolder = (options: RecordFolderOptions): RecordFolder => {
  assertOptions(options, optionNames);
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
    update: async (id, change, { lockTimeout: ownTimeout } = {}) => {
      validateId(id);
      await updateRecord(records, id, change, ownTimeout);
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
