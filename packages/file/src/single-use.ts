import { createHash } from 'node:crypto';
import type { SingleUseStore } from '@pawl/core/store';
import type { RecordFiles } from './record-files.ts';
import { sweep } from './sweep.ts';

/** A key may be any text, so the file is named after its hash. */
const nameOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Single-use values in files, such as OAuth state. They outlive the process that stored them. */
export class FileSingleUseStore implements SingleUseStore {
  readonly #folder: RecordFiles;

  constructor(folder: RecordFiles) {
    this.#folder = folder;
  }

  put(key: string, value: string, ttl: number): Promise<boolean> {
    const id = nameOf(key);
    return this.#folder.exclusive(id, async () => {
      const { content } = await this.#folder.read(id);
      if (content && !this.#folder.isExpired(content)) return false;
      await this.#folder.write({ id, value, expiresAt: this.#folder.clock() + ttl });
      return true;
    });
  }

  async take(key: string): Promise<string | null> {
    const id = nameOf(key);
    // A missing value needs no lock, and no folder.
    if (!(await this.#folder.has(id))) return null;
    const content = await this.#folder.exclusive(id, () => this.#folder.take(id));
    if (!content || this.#folder.isExpired(content)) return null;
    return typeof content.value === 'string' ? content.value : null;
  }

  async deleteExpired(): Promise<number> {
    return (await sweep(this.#folder)).expired;
  }
}
