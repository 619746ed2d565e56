import { isPawlError, StoreFullError, StoreUnavailableError } from '@pawl/core';
import type { Argument, ScriptingClient } from './client.ts';
import type { Script } from './script.ts';

/**
 * While slots migrate, a user's keys are on two nodes for a moment, and a
 * script that needs them all fails before it has written anything.
 */
const migrationRetries = 20;
const migrationDelay = 100;

/** Runs scripts and commands, and sees to it that whatever fails is an error of Pawl. */
export class Connection {
  readonly client: ScriptingClient;
  readonly #ready: () => Promise<void> | undefined;

  /** @param ready answers what has to be waited for before the first command, if anything. */
  constructor(client: ScriptingClient, ready: () => Promise<void> | undefined) {
    this.client = client;
    this.#ready = ready;
  }

  /**
   * Runs a script in one command. A server that does not know it (a flush, a
   * failover, a new node) gets its text by a second one, which loads it too.
   */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const ready = this.#ready();
    if (ready) return ready.then(() => this.run(script, keys, args));
    // No `async` here: each of these costs a request as much as a third of the round trip's work.
    return this.client
      .evalshaBuffer(script.sha, keys.length, ...keys, ...args)
      .catch((error: unknown) => this.#runAnyway(script, keys, args, error));
  }

  /** Sends one command. */
  async send<Reply>(command: (client: ScriptingClient) => Promise<Reply>): Promise<Reply> {
    await this.#ready();
    return command(this.client).catch(fail);
  }

  async #runAnyway(
    { sha, source }: Script,
    keys: readonly string[],
    args: readonly Argument[],
    failure: unknown,
  ): Promise<unknown> {
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
          ? await this.client.evalshaBuffer(sha, keys.length, ...keys, ...args)
          : await this.client.evalBuffer(source, keys.length, ...keys, ...args);
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
