import { HttpError, isHttpError } from '../http-error.ts';

/** Why a proof was refused. For events and logs; the client learns the code only. */
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

/** A proof of possession that does not hold (RFC 9449 § 4.3). It repeats nothing of the proof. */
export class DpopError extends HttpError {
  readonly refusal: DpopRefusal;
  /** What the next proof has to contain; present where the refusal is `nonce` (RFC 9449 § 8). */
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

/** Whether an error is a {@link DpopError}, whichever copy of this package threw it. */
export const isDpopError = (error: Error): error is DpopError =>
  isHttpError(error) &&
  (error.code === 'ERR_DPOP_PROOF_INVALID' || error.code === 'ERR_DPOP_NONCE');
