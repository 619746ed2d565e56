import { join, resolve } from 'node:path';
import { ConfigurationError } from '@pawl/core/store';
import envPaths from 'env-paths';

/** Where the files are: one of the two is needed. */
export interface FolderLocation {
  /**
   * The program's name. The files are in `sessions` below its folder among the user's
   * configuration: `~/.config/<app>` (or `$XDG_CONFIG_HOME/<app>`), on macOS
   * `~/Library/Preferences/<app>`, on Windows `%APPDATA%\<app>\Config`.
   */
  readonly app?: string;
  /** A folder for nothing else: it is closed to others. */
  readonly folder?: string;
}

/** @throws ConfigurationError */
export const folderPathOf = ({ app, folder }: FolderLocation): string => {
  if ((app === undefined) === (folder === undefined)) {
    throw new ConfigurationError('app', 'give either app or folder');
  }
  if (folder !== undefined) {
    if (folder === '') throw new ConfigurationError('folder', 'is empty');
    return resolve(folder);
  }
  try {
    return join(envPaths(String(app), { suffix: '' }).config, 'sessions');
  } catch {
    throw new ConfigurationError('app', 'cannot be the name of a folder');
  }
};
