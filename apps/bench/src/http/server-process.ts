import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { emptyHandler } from './candidates.ts';
import { nobody, type UserBody } from './frameworks/framework.ts';
import type { ServerArgument, ServerMessage } from './server.ts';
import type { Credentials } from './users.ts';

/** A candidate in a separate process. */
export interface ServerProcess {
  readonly name: string;
  readonly url: string;
  readonly credentials: Credentials;
  readonly refreshTokens: readonly string[] | undefined;
  /** The processor time that it has used so far, in µs. */
  readonly usage: () => Promise<number>;
  readonly stop: () => void;
}

export const startServer = async (
  argument: ServerArgument,
  nodeOptions: readonly string[] = [],
): Promise<ServerProcess> => {
  const child = fork(new URL('server.ts', import.meta.url), [JSON.stringify(argument)], {
    execArgv: [...process.execArgv, ...nodeOptions],
  });
  const up = await nextMessage(child);
  if (up.kind !== 'up') throw new Error(`${argument.name} did not start`);
  const server: ServerProcess = {
    name: argument.name,
    url: `http://127.0.0.1:${up.port}/`,
    credentials: up.credentials,
    refreshTokens: up.refreshTokens,
    usage: async () => {
      child.send('usage');
      const message = await nextMessage(child);
      if (message.kind !== 'usage') throw new Error(`${argument.name} started twice`);
      return message.micros;
    },
    stop: () => child.disconnect(),
  };
  return server;
};

const nextMessage = async (child: ChildProcess): Promise<ServerMessage> => {
  const gone = new AbortController();
  const exited = once(child, 'exit', { signal: gone.signal }).then(() => {
    throw new Error('the process of a server exited');
  });
  // It rejects when the message has arrived; then it is no longer awaited.
  exited.catch(() => {});
  try {
    const message = once(child, 'message', { signal: gone.signal });
    message.catch(() => {});
    const [first] = (await Promise.race([message, exited])) as [ServerMessage];
    return first;
  } finally {
    gone.abort();
  }
};

/**
 * Checks that a guard works, because a broken guard would be the fastest.
 *
 * @throws Error unless the server accepts its users and nobody else
 */
export const checkGuard = async ({ name, url, credentials }: ServerProcess): Promise<void> => {
  const seen = new Set<string | null>();
  for (const headers of credentials) {
    const response = await fetch(url, { headers });
    if (response.status !== 200) throw new Error(`${name} replies ${response.status} to a user`);
    seen.add(((await response.json()) as UserBody).user);
  }
  const isGuarded = name !== emptyHandler;
  if (seen.size !== (isGuarded ? credentials.length : 1) || seen.has(nobody) === isGuarded) {
    throw new Error(`${name} does not tell its users apart`);
  }
  const { status } = await fetch(url);
  if (status !== (isGuarded ? 401 : 200)) {
    throw new Error(`${name} replies ${status} without credentials`);
  }
};
