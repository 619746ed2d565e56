import type { AccessTokenContent } from '../../access-token/format.ts';

/** What a session token says whose tag is valid. Without its bytes: those are a secret. */
export interface CheckedToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly tokenHash: Uint8Array;
  /** Whether the token is bound to a key. */
  readonly bound: boolean;
  /** The same in the terms of an access token. */
  readonly content: AccessTokenContent;
}
