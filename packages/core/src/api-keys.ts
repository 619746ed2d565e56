export {
  type ApiKeyInfo,
  type ApiKeyRequest,
  type ApiKeys,
  type ApiKeysOptions,
  createApiKeys,
} from './api-key/api-keys.ts';
