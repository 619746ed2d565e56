import { encodeBase64url } from '@pawl/core/internal';

const encoder = new TextEncoder();

/** Returns the SHA-256 of a text in base64url: the form of `ath` (RFC 9449 § 4.2). */
export const sha256 = async (text: string): Promise<string> =>
  encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))));
