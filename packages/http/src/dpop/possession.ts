import type { KeyProof } from '@pawl/core';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import type { AnyHttpSettings } from '../settings.ts';
import type { DpopProof } from './dpop.ts';
import { DpopError } from './dpop-error.ts';

/**
 * Requires a proof of the right key for a token that is bound to a key, and refuses a token without
 * a key under the DPoP scheme (RFC 9449 § 7.1, § 7.2). Records that the proof was used.
 *
 * @throws HttpError `ERR_CREDENTIAL_INVALID`, DpopError, StoreUnavailableError
 */
export const assertPossession = async (
  jkt: string | null,
  proof: DpopProof | undefined,
): Promise<void> => {
  if (proof === undefined) {
    if (jkt === null) return;
    throw new HttpError('ERR_CREDENTIAL_INVALID', 'the token is bound to a key');
  }
  if (jkt === null)
    throw new HttpError('ERR_CREDENTIAL_INVALID', 'the token is not bound to a key');
  if (proof.jkt !== jkt) throw new DpopError('key');
  await proof.consume();
};

/**
 * Checks the proof of a request for tokens (RFC 9449 § 5), and records that it was used.
 *
 * @param mayRecord returns false for a request that will be refused because of its token: a stranger,
 *   who can make any number of proofs, must not fill the store. Default: always true
 * @returns its key, or undefined if the request has no proof
 * @throws DpopError, StoreUnavailableError
 */
export const readKeyProof = async (
  { dpop }: AnyHttpSettings,
  request: HttpRequest,
  mayRecord: () => Promise<boolean> = async () => true,
): Promise<KeyProof | undefined> => {
  if (!dpop || request.header('dpop') === undefined) return undefined;
  const proof = await dpop.verify(request);
  if (await mayRecord()) await proof.consume();
  return { jkt: proof.jkt };
};
