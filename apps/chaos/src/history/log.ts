import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import type { Operation } from './operation.ts';

/** A file with one operation per line. One process appends to it, another reads it. */
export class HistoryLog {
  readonly #file: string;
  #lines: string[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  append(operation: Operation): void {
    this.#lines.push(JSON.stringify(operation));
    if (this.#lines.length >= 1_000) this.flush();
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    appendFileSync(this.#file, `${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}

/** Reads and removes all operations in the file. */
export const takeHistory = (file: string): Operation[] => {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  rmSync(file);
  return lines.map((line) => JSON.parse(line) as Operation);
};
