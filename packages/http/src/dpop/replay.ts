import { isPawlError, StoreUnavailableError } from '@pawl/core';
import { newCallId, type SingleUseStore } from '@pawl/core/store';
import { DpopError } from './dpop-error.ts';
import { sha256 } from './sha-256.ts';

/** In ms: how much the clocks of nodes may differ; the store uses its own. */
const margin = 5_000;

/**
 * Creates the function that records used proofs by key, target and id, for as long as they could be
 * accepted (RFC 9449 § 11.1). It stores a hash, which discloses nothing of a proof.
 *
 * @param window in ms: from the first moment that a proof is accepted to the last
 */
export const createReplayCheck =
  (store: SingleUseStore, window: number) =>
  async (jkt: string, target: string, jti: string): Promise<void> => {
    // The target contains no space, so that no two triples have the same text.
    const name = await sha256(`dpop proof ${jkt} ${target} ${jti}`);
    let isNew: boolean;
    try {
      isNew = await store.put(name, '', window + margin, newCallId());
    } catch (cause) {
      throw isPawlError(cause) ? cause : new StoreUnavailableError({ cause });
    }
    if (!isNew) throw new DpopError('replayed');
  };
