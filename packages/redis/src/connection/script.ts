import { createHash } from 'node:crypto';

/** A Lua script and the name that a server remembers it by. */
export class Script {
  readonly source: string;
  readonly sha: string;

  /** @param chunks Lua, joined in order: what scripts share comes first. */
  constructor(...chunks: readonly string[]) {
    this.source = chunks.map((chunk) => chunk.trim()).join('\n');
    this.sha = createHash('sha1').update(this.source).digest('hex');
  }
}
