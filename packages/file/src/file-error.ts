/**
 * What is wrong with a file:
 * - `exposed`: other users can read the file, so its content is no longer secret;
 * - `foreign`: the folder or the file belongs to another user, or others can write to it;
 * - `corrupt`: the file is not a record, or belongs to another id;
 * - `busy`: another process held the lock for longer than `lockTimeout`.
 */
export type FileProblem = 'exposed' | 'foreign' | 'corrupt' | 'busy';

/**
 * Thrown as the `cause` of a `StoreUnavailableError` when a file cannot be used. The message
 * names the file and what to do: usually log in again, or correct the mode or owner of the file.
 * It never holds any content of the file.
 */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly problem: FileProblem;
  /** The path of the file or folder. */
  readonly path: string;

  constructor(problem: FileProblem, path: string, sentence: string) {
    super(`${path} ${sentence}`);
    this.problem = problem;
    this.path = path;
  }
}
