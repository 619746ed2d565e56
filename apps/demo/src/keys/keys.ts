import { ConfigurationError, generateSecret } from '@pawl/core';
import {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type SigningJwk,
  type SigningKey,
} from '@pawl/core/jwt';
import { createRecordFolder, type RecordFolder } from '@pawl/file';
import type { Config } from '../config.ts';

/** What tokens are made with. */
export interface Keys {
  readonly secret: string;
  /** Where access tokens are JWTs. */
  readonly signingKey: SigningKey | null;
}

type KeySettings = Pick<Config, 'store' | 'users' | 'secret' | 'signingKey' | 'accessToken'>;

/**
 * The configured keys; in development, those that were made at the first start and
 * are kept beside the database, for nobody else to read. With sessions in memory
 * they need not be kept.
 *
 * @throws ConfigurationError for a key that is none, StoreUnavailableError for a
 *   file that others could read
 */
export const provideKeys = async (config: KeySettings): Promise<Keys> => {
  const kept = config.store === 'memory' ? null : createRecordFolder({ folder: folderOf(config) });
  const secret = config.secret ?? (await kept?.secret()) ?? generateSecret();
  return {
    secret,
    signingKey: config.accessToken === 'jwt' ? await provideSigningKey(config, kept) : null,
  };
};

const folderOf = ({ users }: KeySettings): string =>
  users.startsWith('sqlite:') ? `${users.slice('sqlite:'.length)}.keys` : './pawl-demo.keys';

const signingKeyId = 'signing-key';

const provideSigningKey = async (
  { signingKey }: KeySettings,
  kept: RecordFolder | null,
): Promise<SigningKey> => {
  if (signingKey !== null) return readSigningKey(signingKey);
  if (!kept) return generateSigningKey('EdDSA');
  let jwk: SigningJwk | undefined;
  // Of two processes that start at once, one makes it.
  await kept.update<SigningJwk>(signingKeyId, async (found) => {
    if (found?.kind === 'live') {
      jwk = found.value;
      return 'keep';
    }
    jwk = await exportSigningKey(await generateSigningKey('EdDSA'));
    return { value: jwk };
  });
  return importSigningKey(jwk as SigningJwk);
};

const readSigningKey = async (text: string): Promise<SigningKey> => {
  try {
    return await importSigningKey(JSON.parse(text) as SigningJwk);
  } catch {
    // The parser's message would quote the key.
    throw new ConfigurationError('PAWL_SIGNING_KEY', 'must be a private JWK');
  }
};
