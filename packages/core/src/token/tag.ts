import type { RootKey } from '../keys/key-ring.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { layout } from './layout.ts';

const label = utf8('pawl tag v1');
const tagBytes = 16;

/** Returns the tag over all bytes before it: 128 bits, too many to guess online. */
export const tagOf = (token: Uint8Array, root: RootKey): Uint8Array =>
  root.hmac('tag', concatBytes(label, token.subarray(0, layout.tag))).subarray(0, tagBytes);
