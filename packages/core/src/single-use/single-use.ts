import { defaultCrypto } from '#crypto';
import type { WaitUntil } from '../background.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { createEmitter } from '../emitter.ts';
import {
  ConfigurationError,
  InvalidInputError,
  TokenInvalidError,
  type TokenRefusal,
} from '../errors.ts';
import type { PawlEventListener } from '../events.ts';
import { readJson, writeJson } from '../json.ts';
import { createKeyRing, type RootSecret } from '../keys/key-ring.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import { callStore } from '../store/call.ts';
import { newCallId } from '../store/call-id.ts';
import { assertId } from '../store/id.ts';
import type { SingleUseStore } from '../store/single-use-store.ts';
import { encodeTriples } from '../token/base64url.ts';
import { concatBytes, utf8 } from '../token/bytes.ts';
import { decodeToken } from '../token/decode.ts';
import { encodeToken, printToken } from '../token/encode.ts';
import { validatePrefix } from '../token/prefix.ts';

/** Options of {@link createSingleUseTokens}. `store`, `secrets`, `purpose` and `lifetime` are required. */
export interface SingleUseOptions {
  /** An adapter's store, or anything with its `singleUse` part. */
  readonly store: { readonly singleUse: SingleUseStore };
  /** The root secrets, newest first. */
  readonly secrets: readonly RootSecret[];
  /** What the tokens are for, such as `oauth-state`: tokens of another purpose are refused. */
  readonly purpose: string;
  /** In ms, from 1,000 to 400 days. */
  readonly lifetime: number;
  /** Prefix of every token. Default `pawl_su_`. */
  readonly prefix?: string | undefined;
  /** Called for every token that is issued, taken or refused; events name its purpose. */
  readonly onEvent?: PawlEventListener | undefined;
  /** Receives what `onEvent` returns: `waitUntil` of a serverless platform. Default: none. */
  readonly waitUntil?: WaitUntil | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: RandomBytes | undefined;
  readonly crypto?: CryptoProvider | undefined;
}

/** What a single-use token is bound to. */
export interface SingleUseBinding {
  /**
   * A secret that only the same browser can present again, such as the value of a cookie: a token
   * is taken with the binding that it was issued with. Default: none.
   */
  readonly binding?: string | undefined;
}

/** Tokens that can be used exactly once: OAuth state, magic links, invitations. */
export interface SingleUseTokens<Payload> {
  /**
   * Issues a token that holds a payload: JSON of at most 8,192 characters.
   * @throws InvalidInputError, StoreFullError, StoreUnavailableError
   */
  issue(payload: Payload, options?: SingleUseBinding): Promise<string>;
  /**
   * Returns the payload and consumes the token: of any number of concurrent callers exactly one gets
   * it. A token with another binding or purpose is refused and not consumed.
   * @throws TokenInvalidError (the same for an unknown, used, expired or forged token),
   *   StoreRecordError, StoreUnavailableError
   */
  take(token: string, options?: SingleUseBinding): Promise<Payload>;
}

const optionNames: OptionNames<SingleUseOptions> = {
  store: 1,
  secrets: 1,
  purpose: 1,
  lifetime: 1,
  prefix: 1,
  onEvent: 1,
  waitUntil: 1,
  clock: 1,
  random: 1,
  crypto: 1,
};

const maxPayloadLength = 8_192;

/**
 * Creates single-use tokens of one purpose.
 *
 * @example
 * ```ts
 * const magicLinks = createSingleUseTokens<{ email: string }>({
 *   store,
 *   secrets: [process.env.PAWL_SECRET],
 *   purpose: 'magic-link',
 *   lifetime: 15 * 60_000,
 * });
 * const token = await magicLinks.issue({ email }, { binding: cookie });
 * const { email } = await magicLinks.take(token, { binding: cookie });
 * ```
 *
 * @throws ConfigurationError, naming the option.
 */
export const createSingleUseTokens = <Payload>(
  options: SingleUseOptions,
): SingleUseTokens<Payload> => {
  assertOptions(options, optionNames);
  const { purpose, lifetime, clock = systemClock } = options;
  const { random = systemRandom, crypto = defaultCrypto } = options;
  const store = options.store?.singleUse;
  if (!store) throw new ConfigurationError('store', 'needs single use');
  if (typeof purpose !== 'string' || !/^[a-z0-9-]{1,64}$/.test(purpose)) {
    throw new ConfigurationError('purpose', 'must be 1 to 64 of a–z, 0–9 and -');
  }
  if (!(lifetime >= 1_000 && lifetime <= 400 * 86_400_000)) {
    throw new ConfigurationError('lifetime', 'must be between 1,000 ms and 400 days');
  }
  const prefix = validatePrefix('prefix', options.prefix ?? 'pawl_su_');
  const keys = createKeyRing(options.secrets ?? [], { crypto });
  const emit = createEmitter(options.onEvent, keys, clock, options.waitUntil);

  const refuse = (reason: TokenRefusal | 'outlived'): TokenInvalidError => {
    emit({ type: 'single_use.refused', purpose, reason });
    return new TokenInvalidError(reason === 'outlived' ? 'not_current' : reason);
  };

  /** The key contains the purpose and the binding: with a wrong one, nothing is found. */
  const keyOf = (token: Uint8Array, binding = ''): string => {
    const parts = [token, utf8(purpose), new Uint8Array(1), utf8(binding)];
    return encodeTriples(crypto.sha256(concatBytes(...parts)).subarray(0, 30));
  };

  return {
    issue: async (payload, { binding } = {}) => {
      // An empty binding would bind the token to nobody.
      if (binding !== undefined) assertId('binding', binding);
      const value = writeJson('payload', payload, maxPayloadLength);
      const token = encodeToken(
        {
          type: 'singleUse',
          id: random(18),
          generation: 0,
          expiry: Math.ceil((clock() + lifetime) / 1_000),
          secret: random(32),
        },
        keys.active,
      );
      const stored = await callStore(() =>
        store.put(keyOf(token, binding), value, lifetime, newCallId(random)),
      );
      // The same 256 random bits twice: the generator is broken.
      if (!stored) throw new InvalidInputError('random', 'repeats itself');
      emit({ type: 'single_use.issued', purpose });
      return printToken(token, prefix);
    },
    take: async (token, { binding } = {}) => {
      // Nothing is issued with an empty binding: a cookie that is missing must not match none.
      if (binding === '') throw refuse('not_current');
      const decoded =
        typeof token === 'string' ? decodeToken(token, 'singleUse', prefix, keys) : 'malformed';
      if (typeof decoded === 'string') throw refuse(decoded);
      if (clock() >= decoded.expiry * 1_000) throw refuse('outlived');
      const value = await callStore(() =>
        store.take(keyOf(decoded.bytes, binding), newCallId(random)),
      );
      if (value === null) throw refuse('not_current');
      emit({ type: 'single_use.taken', purpose });
      return readJson(value) as Payload;
    },
  };
};
