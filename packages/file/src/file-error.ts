/**
 * - `exposed`: others can read the file, so what it holds is no secret any more;
 * - `foreign`: the folder or the file belongs to another user, or others can write to it;
 * - `corrupt`: the file is not a record, or not the one of its id;
 * - `busy`: another process held the lock for longer than `lockTimeout`.
 */
export type FileProblem = 'exposed' | 'foreign' | 'corrupt' | 'busy';

/**
 * What is wrong with a file of the store: the `cause` of a `StoreUnavailableError`.
 * It names the file and the remedy, and never holds any of the content.
 */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly problem: FileProblem;
  readonly path: string;

  constructor(problem: FileProblem, path: string, sentence: string) {
    super(`${path} ${sentence}`);
    this.problem = problem;
    this.path = path;
  }
}
