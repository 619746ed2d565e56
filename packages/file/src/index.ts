export { FileError, type FileProblem } from './file-error.ts';
export type { FoundRecord } from './find.ts';
export type { FolderLocation } from './location.ts';
export type { EndedLogin } from './login/logout.ts';
export { type Refresh, RefreshFailedError, refreshAt } from './login/refresh-at.ts';
export {
  createSingleLogin,
  type GetAccessTokenOptions,
  type LoginStatus,
  type SingleLogin,
  type SingleLoginOptions,
} from './login/single-login.ts';
export type { TokenResponse } from './login/token-response.ts';
export {
  createRecordFolder,
  type RecordFolder,
  type RecordFolderOptions,
  type UpdateOptions,
} from './record-folder.ts';
export type { CleanupReport } from './sweep.ts';
export type { RecordChange } from './update.ts';
