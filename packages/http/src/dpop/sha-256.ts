import { encode } from 'jose/base64url';

const encoder = new TextEncoder();

/** SHA-256 of a text, in base64url: the form of `ath` (RFC 9449 § 4.2). */
export const sha256 = async (text: string): Promise<string> =>
  encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))));
