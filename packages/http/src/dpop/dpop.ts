import { type Clock, ConfigurationError, systemClock } from '@pawl/core';
import { assertOptions, type OptionNames } from '@pawl/core/internal';
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

/** Options of `createDpop`. */
export interface DpopOptions {
  /** An adapter's store. It keeps the ids of used proofs until they are too old, for all nodes. */
  readonly store: { readonly singleUse: SingleUseStore };
  /**
   * The origin that clients send requests to, such as `https://api.example.com`. Never the Host
   * header.
   */
  readonly origin: string;
  /** Accepts an `http` origin on every host, for development only. Default false. */
  readonly dangerouslyAllowPlainHttp?: boolean | undefined;
  /** Path prefix that a proxy strips from the URL that clients use. Default none. */
  readonly pathPrefix?: string | undefined;
  /** The accepted signature algorithms. Default `ES256`, `EdDSA`, `Ed25519`, `PS256`. */
  readonly algorithms?: readonly DpopAlgorithm[] | undefined;
  /**
   * Requires proofs to contain a nonce of the server (RFC 9449 § 9). The nonce then limits the age
   * of a proof instead of the client's clock. Default: no nonce.
   */
  readonly nonce?: DpopNonceOptions | undefined;
  /** In ms: the maximum age of a proof. Default 60,000; 1,000 to 600,000. */
  readonly maxAge?: number | undefined;
  /** In ms: how far in the future the time of a proof may be. Default 10,000; 0 to 60,000. */
  readonly clockTolerance?: number | undefined;
  /** The current time in ms since the epoch. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

/** The request that a proof is checked against. */
export type DpopRequest = Pick<HttpRequest, 'method' | 'path' | 'header'>;

/** A valid proof for its request. Call `consume` to ensure that it was not used before. */
export interface DpopProof {
  /** The thumbprint of its key (RFC 7638). The token must be bound to the same key. */
  readonly jkt: string;
  /**
   * Records that the proof was used. Await it before you act on the proof. It makes one store call.
   *
   * @throws DpopError `replayed` if it was used before; StoreUnavailableError
   */
  consume(): Promise<void>;
}

/** Checks proofs of possession (RFC 9449). The result of `createDpop`, for `createHttp`. */
export interface Dpop {
  /** The accepted algorithms, separated by spaces, for `WWW-Authenticate` (RFC 9449 § 7.1). */
  readonly algorithms: string;
  /**
   * Checks the proof of a request, without a store call.
   *
   * @param accessToken the token that the proof must name. Leave it out if the request has none, as
   *   at a refresh
   * @throws DpopError
   */
  verify(request: DpopRequest, accessToken?: string): Promise<DpopProof>;
}

const optionNames: OptionNames<DpopOptions> = {
  store: 1,
  origin: 1,
  dangerouslyAllowPlainHttp: 1,
  pathPrefix: 1,
  algorithms: 1,
  nonce: { secrets: 1, lifetime: 1 } satisfies OptionNames<DpopNonceOptions>,
  maxAge: 1,
  clockTolerance: 1,
  clock: 1,
};

const defaults: readonly DpopAlgorithm[] = ['ES256', 'EdDSA', 'Ed25519', 'PS256'];

/**
 * Creates the check of proofs of possession (DPoP, RFC 9449).
 *
 * @throws ConfigurationError, naming the option
 * @example
 * const dpop = createDpop({ store, origin: 'https://api.example.com' });
 * const http = createHttp({ sessions, cookies: false, dpop });
 */
export const createDpop = (options: DpopOptions): Dpop => {
  assertOptions(options, optionNames);
  const { algorithms = defaults, clock = systemClock } = options;
  const { maxAge = 60_000, clockTolerance = 10_000, pathPrefix = '' } = options;
  const store = options.store?.singleUse;
  if (!store) throw new ConfigurationError('store', 'must have a part singleUse');
  if (algorithms.length === 0 || !algorithms.every((alg) => Object.hasOwn(keyKinds, alg))) {
    throw new ConfigurationError('algorithms', `must be of ${Object.keys(keyKinds).join(', ')}`);
  }
  if (!(maxAge >= 1_000 && maxAge <= 600_000)) {
    throw new ConfigurationError('maxAge', 'must be from 1,000 to 600,000 ms');
  }
  if (!(clockTolerance >= 0 && clockTolerance <= 60_000)) {
    throw new ConfigurationError('clockTolerance', 'must be from 0 to 60,000 ms');
  }
  const allowPlainHttp = options.dangerouslyAllowPlainHttp === true;
  const { origin } = validateOrigin('origin', options.origin, allowPlainHttp);
  if (pathPrefix !== '' && !/^(\/[\w.~-]+)+$/.test(pathPrefix)) {
    throw new ConfigurationError('pathPrefix', 'must begin with / and not end with it');
  }
  const nonces = options.nonce && createNonces(options.nonce, clock);
  const readProof = createProofReader(new Set(algorithms));
  const consume = createReplayCheck(store, (nonces?.maxAge ?? maxAge) + clockTolerance);

  const checkTime = ({ iat, nonce }: ProofClaims): void => {
    if (nonces) return checkNonce(nonces, nonce);
    const age = clock() - iat * 1_000;
    // Written so that a clock that returns NaN refuses.
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

/** Reads the proof. Two headers, or two proofs in one, are refused (RFC 9449 § 4.3). */
const proofOf = (request: DpopRequest): string => {
  const [proof, ...others] = headerLines(request, 'dpop');
  if (proof === undefined) throw new DpopError('missing');
  if (others.length > 0 || proof.includes(',')) throw new DpopError('duplicated');
  return proof;
};

const checkNonce = (nonces: Nonces, nonce: unknown): void => {
  if (!nonces.isAccepted(nonce)) throw new DpopError('nonce', nonces.current());
};
