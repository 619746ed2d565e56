import { type Clock, ConfigurationError, systemClock } from '@pawl/core';
import type { SingleUseStore } from '@pawl/core/store';
import { validateOrigin } from '../origin.ts';
import { type HttpRequest, headerLines } from '../request.ts';
import { DpopError } from './dpop-error.ts';
import { createNonces, type DpopNonceOptions, type Nonces } from './nonce.ts';
import { createProofReader, type ProofClaims } from './proof.ts';
import { type DpopAlgorithm, keyKinds } from './public-key.ts';
import { createReplayCheck } from './replay.ts';
import { sha256 } from './sha-256.ts';
import { normalizeTarget } from './target.ts';

export interface DpopOptions {
  /** Where the ids of proofs are noted until they are too old, for all nodes: an adapter's store. */
  readonly store: { readonly singleUse: SingleUseStore };
  /** The origin that clients send requests to, such as `https://api.example.com`. */
  readonly origin: string;
  /** What stands before a request's path in the URL that clients use: a proxy strips it. Default none. */
  readonly pathPrefix?: string | undefined;
  /** Which signatures a proof may have. Default `ES256`, `EdDSA`, `Ed25519`, `PS256`. */
  readonly algorithms?: readonly DpopAlgorithm[] | undefined;
  /**
   * Makes proofs contain a nonce of the server (RFC 9449 § 9), which then tells
   * how old a proof is, whatever the client's clock says. Default: none is needed.
   */
  readonly nonce?: DpopNonceOptions | undefined;
  /** In ms: how old a proof may be. Default 60,000; 1,000 to 600,000. */
  readonly maxAge?: number | undefined;
  /** In ms: how far in the future a proof may have been made. Default 10,000; 0 to 60,000. */
  readonly clockTolerance?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** What a proof is checked against. */
export type DpopRequest = Pick<HttpRequest, 'method' | 'path' | 'header'>;

/** A proof that holds for its request. Whether it is the first of its kind is not known yet. */
export interface DpopProof {
  /** The thumbprint of the key that made it: what the token has to be bound to. */
  readonly jkt: string;
  /**
   * Notes that the proof was used: to be awaited before anything is done on its word.
   * One call of the store. @throws DpopError `replayed`; StoreUnavailableError
   */
  consume(): Promise<void>;
}

/** Proofs of possession (RFC 9449), for `createHttp` and its like. */
export interface Dpop {
  /** For `WWW-Authenticate`: the algorithms, by spaces (RFC 9449 § 7.1). */
  readonly algorithms: string;
  /**
   * Checks the proof of a request in process.
   * @param accessToken what the proof has to name; none where there is none yet: at a refresh
   * @throws DpopError
   */
  verify(request: DpopRequest, accessToken?: string): Promise<DpopProof>;
}

const defaults: readonly DpopAlgorithm[] = ['ES256', 'EdDSA', 'Ed25519', 'PS256'];

/** @throws ConfigurationError, naming the option. */
export const createDpop = (options: DpopOptions): Dpop => {
  const { algorithms = defaults, clock = systemClock } = options;
  const { maxAge = 60_000, clockTolerance = 10_000, pathPrefix = '' } = options;
  const store = options.store?.singleUse;
  if (!store) throw new ConfigurationError('store', 'a store with a part for single use is needed');
  if (algorithms.length === 0 || !algorithms.every((alg) => Object.hasOwn(keyKinds, alg))) {
    throw new ConfigurationError('algorithms', `must be of ${Object.keys(keyKinds).join(', ')}`);
  }
  if (!(maxAge >= 1_000 && maxAge <= 600_000)) {
    throw new ConfigurationError('maxAge', 'must be from 1,000 to 600,000 ms');
  }
  if (!(clockTolerance >= 0 && clockTolerance <= 60_000)) {
    throw new ConfigurationError('clockTolerance', 'must be from 0 to 60,000 ms');
  }
  const { origin } = validateOrigin('origin', options.origin);
  if (pathPrefix !== '' && !/^(\/[\w.~-]+)+$/.test(pathPrefix)) {
    throw new ConfigurationError('pathPrefix', 'must begin with / and not end with it');
  }
  const nonces = options.nonce && createNonces(options.nonce, clock);
  const readProof = createProofReader(new Set(algorithms));
  const consume = createReplayCheck(store, (nonces?.maxAge ?? maxAge) + clockTolerance);

  const checkTime = ({ iat, nonce }: ProofClaims): void => {
    if (nonces) return checkNonce(nonces, nonce);
    const age = clock() - iat * 1_000;
    // Written so that a clock that answers NaN refuses.
    if (!(age <= maxAge && age >= -clockTolerance)) throw new DpopError('iat');
  };

  return {
    algorithms: algorithms.join(' '),
    verify: async (request, accessToken) => {
      const { key, claims } = await readProof(proofOf(request));
      if (claims.htm !== request.method) throw new DpopError('htm');
      const { path } = request;
      const target = path.startsWith('/') ? normalizeTarget(origin + pathPrefix + path) : null;
      if (target === null || normalizeTarget(claims.htu) !== target) throw new DpopError('htu');
      checkTime(claims);
      if (accessToken !== undefined && claims.ath !== (await sha256(accessToken))) {
        throw new DpopError('ath');
      }
      return { jkt: key.jkt, consume: () => consume(key.jkt, target, claims.jti) };
    },
  };
};

/** Two headers, or two proofs in one, are no proof (RFC 9449 § 4.3). */
const proofOf = (request: DpopRequest): string => {
  const [proof, ...others] = headerLines(request, 'dpop');
  if (proof === undefined) throw new DpopError('missing');
  if (others.length > 0 || proof.includes(',')) throw new DpopError('duplicated');
  return proof;
};

const checkNonce = (nonces: Nonces, nonce: unknown): void => {
  if (!nonces.isAccepted(nonce)) throw new DpopError('nonce', nonces.current());
};
