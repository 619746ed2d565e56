import { decode, encode } from 'jose/base64url';
import { TokenInvalidError } from '../errors.ts';
import type { SigningKey } from './signing-key.ts';
import { parseStrictObject } from './strict-json.ts';

/** The protected header that we sign and expect; nothing else in a header has a say. */
export interface ProtectedHeader {
  readonly alg: string;
  readonly typ: string;
  readonly kid: string;
}

export const headerOf = ({ alg, kid }: SigningKey, typ: string): ProtectedHeader => ({
  alg,
  typ,
  kid,
});

/** The header segment of every token that the key signs. */
export const headerSegmentOf = (key: SigningKey, typ: string): string =>
  encode(JSON.stringify(headerOf(key, typ)));

/**
 * Extensions change what a token means (RFC 7515 § 4.1.11, RFC 7797), and we
 * implement none; the others belong to encryption. `jku`, `jwk`, `x5u` and
 * `x5c` change nothing: they are never read.
 */
const refused = ['crit', 'b64', 'zip', 'enc'] as const;

// A byte order mark stays in the text, where it is no JSON.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses the bytes of a header or a payload, or answers undefined. */
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
 * Reads the header segment of a token, `alg` and `kid` still being what anyone
 * wrote there: to be compared, not used. `typ` has to be the expected type or its
 * full media type, in this spelling (RFC 9068 § 4, RFC 8725 § 3.11).
 *
 * @throws TokenInvalidError
 */
export const readHeader = (
  segment: string,
  typ: string,
): { readonly alg?: unknown; readonly kid?: unknown } => {
  const header = parseSegment(decode(segment));
  if (!header || refused.some((name) => name in header)) {
    throw new TokenInvalidError('malformed');
  }
  if (header['typ'] !== typ && header['typ'] !== `application/${typ}`) {
    throw new TokenInvalidError('wrong_type');
  }
  return header;
};
