import { createHash } from 'node:crypto';

/** A Lua script and its SHA-1, by which a server finds it again. */
export class Script {
  readonly source: string;
  readonly sha: string;

  /** @param chunks Lua source, joined in order; functions that scripts share come first */
  constructor(...chunks: readonly string[]) {
    this.source = chunks.map((chunk) => chunk.trim()).join('\n');
    this.sha = createHash('sha1').update(this.source).digest('hex');
  }
}
