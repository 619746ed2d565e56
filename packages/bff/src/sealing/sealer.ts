import { ConfigurationError, StoreRecordError } from '@pawl/core';
import { decodeBase64url, encodeBase64url } from '@pawl/core/internal';
import type { KeyRing } from '@pawl/core/keys';

/** Encrypts texts so that nobody with access to the store can read, change or swap them. */
export interface Sealer {
  /** @param context what the text belongs to; it can be opened only with the same context */
  seal(text: string, context: string): Promise<string>;
  /**
   * Opens a sealed text.
   * @throws StoreRecordError if it was changed, has another context, or its key is missing
   */
  open(sealed: string, context: string): Promise<string>;
  /** Whether it was sealed with a key other than the active one. */
  isStale(sealed: string): boolean;
}

type SealKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const ivBytes = 12;
const form = /^1\.(\d{1,5})\.([\w-]+)$/;

/**
 * Creates a sealer: AES-256-GCM (NIST SP 800-38D) with the `seal` key of a root secret and a
 * random nonce. The kid and the context are authenticated as additional data.
 *
 * @throws ConfigurationError if the platform has no WebCrypto
 */
export const createSealer = (keys: KeyRing): Sealer => {
  if (typeof globalThis.crypto?.subtle?.encrypt !== 'function') {
    throw new ConfigurationError(
      'secrets',
      'sealing requires WebCrypto, which this platform lacks',
    );
  }
  const imported = new Map<number, Promise<SealKey>>();
  const keyOf = (kid: number): Promise<SealKey> => {
    const root = keys.find(kid);
    // Anybody may have sealed it with a compromised secret.
    if (!root || root.status === 'compromised') {
      throw new StoreRecordError('it is sealed with a key that is unknown or compromised');
    }
    const known = imported.get(kid);
    if (known) return known;
    const bytes = new Uint8Array(root.derive('seal'));
    const key = crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    imported.set(kid, key);
    return key;
  };

  return {
    seal: async (text, context) => {
      const { kid } = keys.active;
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const algorithm = { name: 'AES-GCM', iv, additionalData: associated(kid, context) };
      const bytes = new TextEncoder().encode(text);
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(algorithm, await keyOf(kid), bytes),
      );
      const whole = new Uint8Array(ivBytes + sealed.length);
      whole.set(iv);
      whole.set(sealed, ivBytes);
      return `1.${kid}.${encodeBase64url(whole)}`;
    },
    open: async (sealed, context) => {
      const [, kid, text] = form.exec(sealed) ?? [];
      if (kid === undefined || text === undefined) {
        throw new StoreRecordError('it is not sealed');
      }
      const key = await keyOf(Number(kid));
      try {
        // Text that is not base64url becomes empty, and is refused like any changed text.
        const whole = new Uint8Array(decodeBase64url(text) ?? []);
        const algorithm = {
          name: 'AES-GCM',
          iv: whole.subarray(0, ivBytes),
          additionalData: associated(Number(kid), context),
        };
        const opened = await crypto.subtle.decrypt(algorithm, key, whole.subarray(ivBytes));
        return new TextDecoder().decode(opened);
      } catch {
        throw new StoreRecordError('it was changed, or sealed for another context');
      }
    },
    isStale: (sealed) => form.exec(sealed)?.[1] !== String(keys.active.kid),
  };
};

const associated = (kid: number, context: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`pawl bff 1\0${kid}\0${context}`);
