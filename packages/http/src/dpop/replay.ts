import { isPawlError, StoreUnavailableError } from '@pawl/core';
import { newCallId, type SingleUseStore } from '@pawl/core/store';
import { DpopError } from './dpop-error.ts';
import { sha256 } from './sha-256.ts';

/** In ms: as much as the clocks of nodes may be apart; the store's own counts for all. */
const margin = 5_000;

/**
 * Notes proofs that were used, by key, target and id, for as long as they could be
 * accepted (RFC 9449 § 11.1). What is stored is a hash: it tells nothing of a proof.
 *
 * @param window in ms: from the first moment that a proof is accepted to the last
 */
export const createReplayCheck =
  (store: SingleUseStore, window: number) =>
  async (jkt: string, target: string, jti: string): Promise<void> => {
    // The target can hold no blank: no two triples are spelt the same.
    const name = await sha256(`dpop proof ${jkt} ${target} ${jti}`);
    let isNew: boolean;
    try {
      isNew = await store.put(name, '', window + margin, newCallId());
    } catch (cause) {
      throw isPawlError(cause) ? cause : new StoreUnavailableError({ cause });
    }
    if (!isNew) throw new DpopError('replayed');
  };
