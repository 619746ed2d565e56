import { isPawlError, StoreFullError, StoreUnavailableError } from '@pawl/core';
import { isError, pause } from '@pawl/core/internal';
import type { Argument, ScriptingClient } from './client.ts';
import type { Script } from './script.ts';

/**
 * While a slot migrates, a user's keys are on two nodes for a short time. A script that needs
 * all of them then fails before it writes anything, and can be retried.
 */
const migrationRetries = 20;
/** In ms. */
const migrationDelay = 100;

/** In ms. */
const reconnectInterval = 1_000;

/** Runs scripts and wraps every failure in a PawlError. */
export class Connection {
  readonly client: ScriptingClient;
  readonly #ready: () => Promise<void> | undefined;
  #reconnectedAt = Number.NEGATIVE_INFINITY;

  /** @param ready returns what must complete before the first command, or undefined. */
  constructor(client: ScriptingClient, ready: () => Promise<void> | undefined) {
    this.client = client;
    this.#ready = ready;
  }

  /**
   * Runs a script in one command. If the server does not know the script (after a flush, a
   * failover, or on a new node), a second command sends its source, which also loads it.
   */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const ready = this.#ready();
    if (ready) return ready.then(() => this.run(script, keys, args));
    return this.runUnchecked(script, keys, args);
  }

  /** Runs a script although `ready` has not completed. */
  runUnchecked(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    // Not `async`: each awaited promise adds up to a third of the processor time of a round trip.
    return this.client
      .evalshaBuffer(script.sha, keys.length, ...keys, ...args)
      .catch((error: unknown) => this.#retry(script, keys, args, error));
  }

  /**
   * Leaves a server that has become a replica: after a failover behind one address the connection
   * lives on, but leads to the wrong server. At most once a second, because the address may need a while.
   */
  #reconnect(): boolean {
    const { client } = this;
    if (!client.disconnect) return false;
    const now = performance.now();
    if (now - this.#reconnectedAt < reconnectInterval) return client.status !== 'ready';
    this.#reconnectedAt = now;
    client.disconnect(true);
    return true;
  }

  async #retry(
    { sha, source }: Script,
    keys: readonly string[],
    args: readonly Argument[],
    failure: unknown,
  ): Promise<unknown> {
    let error = failure;
    let known = true;
    let reconnected = false;
    for (let retries = 0; ; ) {
      if (known && isReply(error, /^NOSCRIPT/)) known = false;
      else if (isReply(error, /non local key/) && retries++ < migrationRetries) {
        await pause(migrationDelay);
      } else if (!reconnected && isReply(error, /READONLY/) && this.#reconnect()) {
        // The script has written nothing. The client sends it again when it is connected.
        reconnected = true;
      } else {
        return throwPawlError(error);
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

const throwPawlError = (error: unknown): never => {
  throw asPawlError(error);
};

/** Wraps an error of the client in a PawlError; a PawlError is returned unchanged. */
export const asPawlError = (error: unknown): unknown => {
  if (isPawlError(error)) return error;
  if (isReply(error, /^OOM/)) return new StoreFullError();
  return new StoreUnavailableError({ cause: withoutCommand(error) });
};

/**
 * Copies an error without the failed command and its arguments, which ioredis attaches: salts,
 * hashes and user ids must not reach a log.
 */
const withoutCommand = (error: unknown): unknown => {
  if (!isError(error)) return error;
  const { name, message, stack } = error;
  const clean = new Error(message);
  Object.defineProperty(clean, 'name', { value: name });
  Object.defineProperty(clean, 'stack', { value: stack });
  return 'code' in error ? Object.assign(clean, { code: error.code }) : clean;
};

/** Whether the server has answered with an error of this kind. */
export const isReply = (error: unknown, pattern: RegExp): boolean =>
  isError(error) && pattern.test(error.message);
