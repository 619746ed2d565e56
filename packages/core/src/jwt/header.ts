import { decode, encode } from 'jose/base64url';
import { TokenInvalidError } from '../errors.ts';
import type { SigningKey } from './signing-key.ts';
import { parseStrictObject } from './strict-json.ts';

/** The protected header that is signed and expected. No other member of a header has an effect. */
export interface ProtectedHeader {
  readonly alg: string;
  readonly typ: string;
  readonly kid: string;
}

/** Returns the header of every token that the key signs. */
export const headerOf = ({ alg, kid }: SigningKey, typ: string): ProtectedHeader => ({
  alg,
  typ,
  kid,
});

/** Returns the header segment of every token that the key signs. */
export const headerSegmentOf = (key: SigningKey, typ: string): string =>
  encode(JSON.stringify(headerOf(key, typ)));

/**
 * Members that are refused: `crit` and `b64` announce extensions (RFC 7515 § 4.1.11, RFC 7797), and
 * none is implemented; the others belong to encryption. `jku`, `jwk`, `x5u` and `x5c` have no effect:
 * they are never read.
 */
const refused = ['crit', 'b64', 'zip', 'enc'] as const;

// Keep a byte order mark in the text: it makes the JSON invalid.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses the bytes of a header or a payload. Returns undefined if they are not a JSON object. */
export const parseSegment = (bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return undefined;
  }
  return parseStrictObject(text);
};

/**
 * Reads the header segment of a token. `alg`, `kid` and `typ` are not verified yet: compare them, do
 * not use them.
 *
 * @throws TokenInvalidError
 */
export const readHeader = (
  segment: string,
): Readonly<Record<string, unknown>> & { readonly alg?: unknown; readonly kid?: unknown } => {
  const header = parseSegment(decode(segment));
  if (!header || refused.some((name) => name in header)) {
    throw new TokenInvalidError('malformed');
  }
  return header;
};

/**
 * Returns whether `typ` is the expected type or its full media type, in this spelling (RFC 9068 § 4,
 * RFC 8725 § 3.11).
 */
export const hasType = (header: Readonly<Record<string, unknown>>, typ: string): boolean =>
  header['typ'] === typ || header['typ'] === `application/${typ}`;
