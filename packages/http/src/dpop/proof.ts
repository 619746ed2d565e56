import { decode } from 'jose/base64url';
import { flattenedVerify } from 'jose/jws/flattened/verify';
import { DpopError } from './dpop-error.ts';
import { type DpopAlgorithm, type PublicKey, readPublicKey } from './public-key.ts';

/** The claims of a proof with a valid signature. They are not yet compared with the request. */
export interface ProofClaims {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  /** In seconds. */
  readonly iat: number;
  readonly ath: unknown;
  readonly nonce: unknown;
}

export interface SignedProof {
  readonly key: PublicKey;
  readonly claims: ProofClaims;
}

/** In characters: enough for a key and a signature of 4,096 bits each. */
const maxLength = 4_096;
const maxIdLength = 256;
const maxKnownHeaders = 1_000;

const form = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const parseObject = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Not JSON, or not even UTF-8: not an object either way.
  }
  throw new DpopError('malformed');
};

/** Creates the function that reads proofs and checks their signatures. @throws DpopError */
export const createProofReader = (
  algorithms: ReadonlySet<string>,
): ((proof: string) => Promise<SignedProof>) => {
  /** By header: a client's header is the same in all its proofs, so it is parsed once. */
  const known = new Map<string, PublicKey>();

  const readHeader = async (segment: string): Promise<PublicKey> => {
    const header = parseObject(decodeSegment(segment));
    if (header['typ'] !== 'dpop+jwt') throw new DpopError('typ');
    const { alg } = header;
    if (typeof alg !== 'string' || !algorithms.has(alg)) throw new DpopError('alg');
    // Extensions change what a proof means, and Pawl supports none (RFC 7515 § 4.1.11).
    if ('crit' in header || 'b64' in header) throw new DpopError('malformed');
    return readPublicKey(header['jwk'], alg as DpopAlgorithm);
  };

  return async (proof) => {
    const parts = proof.length > maxLength ? null : form.exec(proof);
    if (!parts) throw new DpopError('malformed');
    const [, header = '', payload = '', signature = ''] = parts;
    const key = known.get(header) ?? (await readHeader(header));
    let bytes: Uint8Array;
    try {
      ({ payload: bytes } = await flattenedVerify(
        { protected: header, payload, signature },
        key.key,
        { algorithms: [key.alg] },
      ));
    } catch {
      throw new DpopError('signature');
    }
    // After the signature, so that only the holder of a key takes memory.
    if (known.size >= maxKnownHeaders) known.clear();
    known.set(header, key);
    return { key, claims: readClaims(parseObject(bytes)) };
  };
};

const decodeSegment = (segment: string): Uint8Array => {
  try {
    return decode(segment);
  } catch {
    throw new DpopError('malformed');
  }
};

const readClaims = (payload: Readonly<Record<string, unknown>>): ProofClaims => {
  const { jti, htm, htu, iat, ath, nonce } = payload;
  if (
    typeof jti !== 'string' ||
    jti === '' ||
    jti.length > maxIdLength ||
    typeof htm !== 'string' ||
    typeof htu !== 'string' ||
    typeof iat !== 'number' ||
    !Number.isFinite(iat)
  ) {
    throw new DpopError('claims');
  }
  return { jti, htm, htu, iat, ath, nonce };
};
