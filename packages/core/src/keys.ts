export type {
  AccessGrant,
  AccessTokenCodec,
  AccessTokenContent,
  AccessTokenSettings,
} from './access-token/format.ts';
export { createKeyRing, type KeyRing, type KeyUse, type RootKey } from './keys/key-ring.ts';
