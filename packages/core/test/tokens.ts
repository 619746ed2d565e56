import type { RootKey } from '../src/keys/key-ring.ts';
import { encodeToken, printToken } from '../src/token/encode.ts';
import type { TokenType } from '../src/token/layout.ts';
import { bytesOf, keyRing } from './roots.ts';

/** What tokens begin with in these tests. */
export const prefix = 'pawl_rt_';

/** The bytes of a token with every field filled. */
export const tokenBytes = (
  seed: string,
  type: TokenType = 'refresh',
  root: RootKey = keyRing().active,
): Uint8Array =>
  encodeToken(
    {
      type,
      id: bytesOf(`id ${seed}`, 18),
      generation: 0x01_02_03_04,
      expiry: 0x01_70_dc_3f_7a,
      secret: bytesOf(`secret ${seed}`, 32),
    },
    root,
  );

/** A token as a client holds it. */
export const token = (seed: string, type: TokenType = 'refresh', root?: RootKey): string =>
  printToken(tokenBytes(seed, type, root), prefix);
