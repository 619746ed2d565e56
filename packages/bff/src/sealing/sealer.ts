import { ConfigurationError, type KeyRing, StoreRecordError } from '@pawl/core';
import { base64url } from 'jose';

/** Seals texts so that a store, and whoever copies it, can neither read nor alter nor swap them. */
export interface Sealer {
  /** @param context what the text belongs to; it opens in no other */
  seal(text: string, context: string): Promise<string>;
  /**
   * Opens a sealed text.
   * @throws StoreRecordError where it was altered, belongs elsewhere, or its key is gone
   */
  open(sealed: string, context: string): Promise<string>;
  /** Whether it was sealed with another key than the one that seals now. */
  isStale(sealed: string): boolean;
}

type SealKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const ivBytes = 12;
const form = /^1\.(\d{1,5})\.([\w-]+)$/;

/**
 * AES-256-GCM (NIST SP 800-38D) under the `seal` key of a root secret, with a
 * random nonce. The kid and the context are authenticated with it.
 */
export const createSealer = (keys: KeyRing): Sealer => {
  if (typeof globalThis.crypto?.subtle?.encrypt !== 'function') {
    throw new ConfigurationError('secrets', 'sealing needs WebCrypto, which is not there');
  }
  const imported = new Map<number, Promise<SealKey>>();
  const keyOf = (kid: number): Promise<SealKey> => {
    const root = keys.find(kid);
    // What a compromised root has sealed may be anybody's.
    if (!root || root.status === 'compromised') {
      throw new StoreRecordError('it is sealed with a key that is not accepted');
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
      return `1.${kid}.${base64url.encode(whole)}`;
    },
    open: async (sealed, context) => {
      const [, kid, text] = form.exec(sealed) ?? [];
      if (kid === undefined || text === undefined) {
        throw new StoreRecordError('it is not sealed');
      }
      const key = await keyOf(Number(kid));
      try {
        const whole = new Uint8Array(base64url.decode(text));
        const algorithm = {
          name: 'AES-GCM',
          iv: whole.subarray(0, ivBytes),
          additionalData: associated(Number(kid), context),
        };
        const opened = await crypto.subtle.decrypt(algorithm, key, whole.subarray(ivBytes));
        return new TextDecoder().decode(opened);
      } catch {
        throw new StoreRecordError('its seal is broken');
      }
    },
    isStale: (sealed) => form.exec(sealed)?.[1] !== String(keys.active.kid),
  };
};

const associated = (kid: number, context: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`pawl bff 1\0${kid}\0${context}`);
