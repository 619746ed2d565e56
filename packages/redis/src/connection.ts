import { isPawlError, StoreFullError, StoreUnavailableError } from '@pawl/core/store';
import type { RedisClient } from './client.ts';
import type { Script } from './script.ts';

export type Argument = string | Buffer | number;

/**
 * While slots migrate, a user's keys are on two nodes for a moment, and a
 * script that needs them all fails before it has written anything.
 */
const migrationRetries = 20;
const migrationDelay = 100;

/** Runs scripts and commands, and sees to it that whatever fails is an error of Pawl. */
export class Connection {
  readonly client: RedisClient;
  readonly #ready: () => Promise<void> | undefined;

  /** @param ready answers what has to be waited for before the first command, if anything. */
  constructor(client: RedisClient, ready: () => Promise<void> | undefined) {
    this.client = client;
    this.#ready = ready;
  }

  /**
   * Runs a script in one command. A server that does not know it (a flush, a
   * failover, a new node) gets its text by a second one, which loads it too.
   */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    return this.command('EVALSHA', [script.sha, ...rest], (error) =>
      this.#runAnyway(script, rest, error),
    );
  }

  /** @param recover is asked for another result where the command fails. */
  command(
    name: string,
    args: Argument[],
    recover?: (error: unknown) => Promise<unknown>,
  ): Promise<unknown> {
    const ready = this.#ready();
    if (ready) return ready.then(() => this.command(name, args, recover));
    // No `async` here: each of these costs a request as much as a third of the round trip's work.
    return this.client
      .callBuffer(name, args)
      .catch((error: unknown) => (recover ? recover(error) : fail(error)));
  }

  async #runAnyway(script: Script, rest: Argument[], failure: unknown): Promise<unknown> {
    let error = failure;
    let known = true;
    for (let retries = 0; ; ) {
      if (known && isReply(error, /^NOSCRIPT/)) known = false;
      else if (isReply(error, /non local key/) && retries++ < migrationRetries) {
        await new Promise((wake) => setTimeout(wake, migrationDelay));
      } else {
        return fail(error);
      }
      try {
        return known
          ? await this.client.callBuffer('EVALSHA', [script.sha, ...rest])
          : await this.client.callBuffer('EVAL', [script.source, ...rest]);
      } catch (thrown) {
        error = thrown;
      }
    }
  }
}

const fail = (error: unknown): never => {
  throw asPawlError(error);
};

/** Wraps what a client throws once, whatever it is. */
export const asPawlError = (error: unknown): unknown => {
  if (isPawlError(error)) return error;
  if (isReply(error, /^OOM/)) return new StoreFullError();
  return new StoreUnavailableError({ cause: withoutCommand(error) });
};

/**
 * A client's error carries the command that failed, with all its arguments: a
 * log is no place for salts, hashes and user ids.
 */
const withoutCommand = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  const clean = new Error(message);
  Object.defineProperty(clean, 'name', { value: name });
  Object.defineProperty(clean, 'stack', { value: stack });
  return 'code' in error ? Object.assign(clean, { code: error.code }) : clean;
};

const isReply = (error: unknown, pattern: RegExp): boolean =>
  error instanceof Error && pattern.test(error.message);
