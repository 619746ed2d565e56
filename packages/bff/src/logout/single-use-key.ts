import { encodeBase64url } from '@pawl/core/internal';

/** Returns the key of a single-use value: a hash, so that the store does not learn the name. */
export const singleUseKey = async (name: string): Promise<string> => {
  const bytes = new TextEncoder().encode(name);
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
};
