import { createHash } from 'node:crypto';
import type { SingleUseStore } from '@pawl/core/store';
import type { RecordFiles } from './record-files.ts';
import { sweep } from './sweep.ts';

/** A key may be any text, so the file is named after its hash. */
const nameOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** In ms: how long a taken value is kept, so that the call that took it can be sent again. */
const takenRetention = 60_000;

const encode = (callId: Uint8Array): string => Buffer.from(callId).toString('base64url');

/** The id of the file that keeps a taken value. */
const takenId = (id: string): string => `${id}-taken`;

/** A value that was taken, and the callIds of the calls that put and took it. */
interface TakenValue {
  readonly text: string;
  readonly putBy: string | undefined;
  readonly takenBy: string;
}

/**
 * Single-use values in files, such as OAuth state. They outlive the process that stored them.
 *
 * A value is taken by renaming its file, and then kept in a file of its own, so that the call that
 * took it can be sent again. Processes of an earlier version never read that file, so a value cannot
 * be taken by both.
 */
export class FileSingleUseStore implements SingleUseStore {
  readonly #folder: RecordFiles;

  constructor(folder: RecordFiles) {
    this.#folder = folder;
  }

  put(key: string, value: string, ttl: number, callId: Uint8Array): Promise<boolean> {
    const id = nameOf(key);
    const putBy = encode(callId);
    return this.#folder.exclusive(id, async () => {
      const { content } = await this.#folder.read(id);
      if (content && !this.#folder.isExpired(content)) return content.putBy === putBy;
      // The call is sent again, and another call has taken the value: it is not stored again.
      if ((await this.#readTaken(id))?.putBy === putBy) return true;
      await this.#folder.write({ id, value, expiresAt: this.#folder.clock() + ttl, putBy });
      return true;
    });
  }

  async take(key: string, callId: Uint8Array): Promise<string | null> {
    const id = nameOf(key);
    // A missing value needs no lock, and no folder.
    if (!(await this.#folder.has(id)) && !(await this.#folder.has(takenId(id)))) return null;
    const takenBy = encode(callId);
    return this.#folder.exclusive(id, async () => {
      const taken = await this.#readTaken(id);
      if (taken?.takenBy === takenBy) return taken.text;
      const content = await this.#folder.take(id);
      if (!content || this.#folder.isExpired(content)) return null;
      const { value: text, putBy, expiresAt } = content;
      if (typeof text !== 'string') return null;
      const keptUntil = this.#folder.clock() + takenRetention;
      const value: TakenValue = { text, putBy, takenBy };
      const entry = {
        id: takenId(id),
        value,
        expiresAt: Math.min(expiresAt ?? keptUntil, keptUntil),
      };
      // The value is taken either way: without this file, a call that is sent again gets null.
      await this.#folder.write(entry).catch(() => {});
      return text;
    });
  }

  async deleteExpired(): Promise<number> {
    return (await sweep(this.#folder)).expired;
  }

  async #readTaken(id: string): Promise<TakenValue | null> {
    const { content } = await this.#folder.read(takenId(id));
    return content && !this.#folder.isExpired(content) ? (content.value as TakenValue) : null;
  }
}
