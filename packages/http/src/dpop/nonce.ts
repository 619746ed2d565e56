import { type Clock, ConfigurationError, type RootSecret } from '@pawl/core';
import { encodeBase64url } from '@pawl/core/internal';
import { createKeyRing } from '@pawl/core/keys';

/** Options of the nonces that the server chooses (RFC 9449 § 8, § 9). */
export interface DpopNonceOptions {
  /** The root secrets, newest first, the same on every node. You can use those of the sessions. */
  readonly secrets: readonly RootSecret[];
  /**
   * In ms: how long a nonce is handed out. It is accepted for twice that time. Default 60,000;
   * 10,000 to 3,600,000.
   */
  readonly lifetime?: number | undefined;
}

/** Creates and recognizes nonces. */
export interface Nonces {
  /** Returns the nonce that proofs must contain now. */
  readonly current: () => string;
  readonly isAccepted: (nonce: unknown) => boolean;
  /** In ms: how long after it was first handed out a nonce may still be accepted. */
  readonly maxAge: number;
}

/**
 * Creates nonces without storage: each is a message authentication code of the number of a time
 * slot. So every node accepts the nonces of the others, and nobody else can predict the next one.
 *
 * @throws ConfigurationError, naming the option
 */
export const createNonces = (options: DpopNonceOptions, clock: Clock): Nonces => {
  const { lifetime = 60_000 } = options;
  if (!(lifetime >= 10_000 && lifetime <= 3_600_000)) {
    throw new ConfigurationError('nonce.lifetime', 'must be from 10,000 to 3,600,000 ms');
  }
  const keys = createKeyRing(options.secrets ?? []);
  const accepted = keys.all.filter(({ status }) => status !== 'compromised');

  const nonceOf = (root: (typeof accepted)[number], slot: number): string => {
    const message = new Uint8Array(8);
    new DataView(message.buffer).setFloat64(0, slot);
    return encodeBase64url(root.hmac('nonce', message).subarray(0, 18));
  };
  let known: { slot: number; current: string; all: ReadonlySet<unknown> } | undefined;
  const now = (): NonNullable<typeof known> => {
    const slot = Math.floor(clock() / lifetime);
    if (known?.slot !== slot) {
      const all = accepted.flatMap((root) => [nonceOf(root, slot), nonceOf(root, slot - 1)]);
      known = { slot, current: nonceOf(keys.active, slot), all: new Set(all) };
    }
    return known;
  };
  return {
    current: () => now().current,
    isAccepted: (nonce) => now().all.has(nonce),
    maxAge: 2 * lifetime,
  };
};
