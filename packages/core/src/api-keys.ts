export {
  type ApiKeyInfo,
  type ApiKeyInput,
  type ApiKeys,
  type ApiKeysOptions,
  createApiKeys,
  type RevokeApiKeyOptions,
} from './api-key/api-keys.ts';
