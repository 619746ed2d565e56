export {
  type ApiKeyInfo,
  type ApiKeyInput,
  type ApiKeys,
  type ApiKeysOptions,
  createApiKeys,
} from './api-key/api-keys.ts';
