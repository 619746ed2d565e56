import type { RootKey } from '../keys/key-ring.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { layout } from './layout.ts';

const label = utf8('pawl tag v1');
const tagBytes = 16;

/** The tag over everything that stands before it: 128 bits, far beyond guessing online. */
export const tagOf = (token: Uint8Array, root: RootKey): Uint8Array =>
  root.hmac('tag', concatBytes(label, token.subarray(0, layout.tag))).subarray(0, tagBytes);
