import { HttpError, isHttpError } from '../http-error.ts';

/** Why a proof was refused, for events and logs. The client receives the code only. */
export type DpopRefusal =
  | 'missing'
  | 'duplicated'
  | 'malformed'
  | 'typ'
  | 'alg'
  | 'jwk'
  | 'signature'
  | 'claims'
  | 'htm'
  | 'htu'
  | 'iat'
  | 'ath'
  | 'nonce'
  | 'key'
  | 'replayed';

/**
 * Thrown when a proof of possession is missing, invalid, replayed or of another key
 * (RFC 9449 § 4.3). `errorResponse` turns it into 401; with the refusal `nonce` the client has to
 * repeat the request with the nonce of the response. It contains nothing of the proof.
 */
export class DpopError extends HttpError {
  override readonly name = 'DpopError';
  readonly refusal: DpopRefusal;
  /** The nonce that the next proof must contain, if the refusal is `nonce` (RFC 9449 § 8). */
  readonly nonce: string | undefined;

  constructor(refusal: DpopRefusal, nonce?: string) {
    super(
      refusal === 'nonce' ? 'ERR_DPOP_NONCE' : 'ERR_DPOP_PROOF_INVALID',
      'the proof of possession is not valid',
    );
    this.refusal = refusal;
    this.nonce = nonce;
  }
}

/** Returns whether an error is a {@link DpopError}, whichever copy of this package threw it. */
export const isDpopError = (error: Error): error is DpopError =>
  isHttpError(error) &&
  (error.code === 'ERR_DPOP_PROOF_INVALID' || error.code === 'ERR_DPOP_NONCE');
