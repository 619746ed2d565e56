export { FileError, type FileProblem } from './file-error.ts';
export {
  createFileStore,
  type FileStore,
  type FileStoreOptions,
  type UpdateOptions,
} from './file-store.ts';
export type { FoundRecord } from './find.ts';
export type { StoreLocation } from './location.ts';
export type { EndedLogin } from './login/logout.ts';
export { type Refresh, RefreshFailedError, refreshAt } from './login/refresh-at.ts';
export {
  type AccessTokenOptions,
  createSingleLogin,
  type LoginStatus,
  type SingleLogin,
  type SingleLoginOptions,
} from './login/single-login.ts';
export type { TokenResponse } from './login/token-response.ts';
export type { CleanupReport } from './sweep.ts';
export type { RecordChange } from './update.ts';
