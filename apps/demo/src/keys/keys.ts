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

/** The keys of the tokens. */
export interface Keys {
  readonly secret: string;
  /** Null unless access tokens are JWTs. */
  readonly signingKey: SigningKey | null;
}

type KeySettings = Pick<Config, 'store' | 'users' | 'secret' | 'signingKey' | 'accessToken'>;

/**
 * Returns the configured keys. In development, missing ones are created at the first start and
 * kept beside the database, where no other user can read them. With sessions in memory they are
 * not kept.
 *
 * @throws ConfigurationError if a key is invalid, StoreUnavailableError if others could read the
 *   file
 */
export const loadOrCreateKeys = async (config: KeySettings): Promise<Keys> => {
  const records =
    config.store === 'memory' ? null : createRecordFolder({ folder: folderOf(config) });
  const secret = config.secret ?? (await records?.secret()) ?? generateSecret();
  return {
    secret,
    signingKey: config.accessToken === 'jwt' ? await provideSigningKey(config, records) : null,
  };
};

const folderOf = ({ users }: KeySettings): string =>
  users.startsWith('sqlite:') ? `${users.slice('sqlite:'.length)}.keys` : './pawl-demo.keys';

const signingKeyId = 'signing-key';

const provideSigningKey = async (
  { signingKey }: KeySettings,
  records: RecordFolder | null,
): Promise<SigningKey> => {
  if (signingKey !== null) return readSigningKey(signingKey);
  if (!records) return generateSigningKey('EdDSA');
  let jwk: SigningJwk | undefined;
  // If two processes start at once, one creates it.
  await records.update<SigningJwk>(signingKeyId, async (found) => {
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
