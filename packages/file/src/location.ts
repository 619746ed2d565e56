import { join, resolve } from 'node:path';
import { ConfigurationError } from '@pawl/core';
import envPaths from 'env-paths';

/** Where the files are. Either `app` or `folder` is required. */
export interface FolderLocation {
  /**
   * The name of the program. The files are in `sessions` in the program's configuration folder:
   * `~/.config/<app>` (or `$XDG_CONFIG_HOME/<app>`), on macOS `~/Library/Preferences/<app>`, on
   * Windows `%APPDATA%\<app>\Config`.
   */
  readonly app?: string | undefined;
  /** The path of a folder that holds nothing else. It is closed to other users. */
  readonly folder?: string | undefined;
}

/** @throws ConfigurationError */
export const folderPathOf = ({ app, folder }: FolderLocation): string => {
  if ((app === undefined) === (folder === undefined)) {
    throw new ConfigurationError('app', 'requires either app or folder');
  }
  if (folder !== undefined) {
    if (folder === '') throw new ConfigurationError('folder', 'is empty');
    return resolve(folder);
  }
  try {
    return join(envPaths(String(app), { suffix: '' }).config, 'sessions');
  } catch {
    throw new ConfigurationError('app', 'must be a valid folder name');
  }
};
