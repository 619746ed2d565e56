import { createHash } from 'node:crypto';
import type { SingleUseStore } from '@pawl/core/store';
import type { FileContent } from './record.ts';
import type { RecordFiles } from './record-files.ts';
import { sweep } from './sweep.ts';

/** A key may be any text, so the file is named after its hash. */
const nameOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** In ms: how long a taken value is kept, so that the call that took it can be sent again. */
const takenRetention = 60_000;

const encode = (callId: Uint8Array): string => Buffer.from(callId).toString('base64url');

interface Entry {
  readonly text: string;
  /** The `callId` of the call that stored the value. */
  readonly putBy?: string;
  /** The `callId` of the call that took the value; absent before. */
  readonly takenBy?: string;
}

/** Returns the entry of a file, or null if it has none. An earlier version stored only the text. */
const readEntry = ({ value }: FileContent): Entry | null => {
  if (typeof value === 'string') return { text: value };
  const isEntry = typeof value === 'object' && value !== null && 'text' in value;
  return isEntry && typeof value.text === 'string' ? (value as Entry) : null;
};

/** Single-use values in files, such as OAuth state. They outlive the process that stored them. */
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
      if (content && !this.#folder.isExpired(content)) {
        const entry = readEntry(content);
        // The call is sent again. Another call may have taken the value, so it is not stored again.
        if (entry?.putBy === putBy) return true;
        if (entry?.takenBy === undefined) return false;
      }
      const entry: Entry = { text: value, putBy };
      await this.#folder.write({ id, value: entry, expiresAt: this.#folder.clock() + ttl });
      return true;
    });
  }

  async take(key: string, callId: Uint8Array): Promise<string | null> {
    const id = nameOf(key);
    // A missing value needs no lock, and no folder.
    if (!(await this.#folder.has(id))) return null;
    const takenBy = encode(callId);
    return this.#folder.exclusive(id, async () => {
      const { content } = await this.#folder.read(id);
      if (!content || this.#folder.isExpired(content)) {
        await this.#folder.take(id);
        return null;
      }
      const entry = readEntry(content);
      if (!entry) return null;
      // The call that took the value, sent again, gets it again.
      if (entry.takenBy !== undefined) return entry.takenBy === takenBy ? entry.text : null;
      const keptUntil = this.#folder.clock() + takenRetention;
      const expiresAt = Math.min(content.expiresAt ?? keptUntil, keptUntil);
      await this.#folder.write({ id, value: { ...entry, takenBy }, expiresAt });
      return entry.text;
    });
  }

  async deleteExpired(): Promise<number> {
    return (await sweep(this.#folder)).expired;
  }
}
