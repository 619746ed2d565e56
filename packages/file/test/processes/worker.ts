import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { tasks } from './tasks.ts';

type Tasks = typeof tasks;
type Message = { readonly result: unknown } | { readonly error: string; readonly cause: string };

/** Another process that runs tasks until it is killed. */
export class Worker {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), {
    execArgv: ['--conditions=@pawl/source', '--no-warnings'],
  });

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Returns what the task returns, or 'died'. */
  async run<N extends keyof Tasks>(
    name: N,
    task: Parameters<Tasks[N]>[0],
  ): Promise<Awaited<ReturnType<Tasks[N]>> | 'died'> {
    const stop = new AbortController();
    const { signal } = stop;
    try {
      this.#child.send({ name, task });
      const message = await Promise.race([
        once(this.#child, 'message', { signal }).then(([received]) => received as Message),
        once(this.#child, 'exit', { signal }).then(() => 'died' as const),
      ]);
      if (message === 'died') return message;
      if ('error' in message) throw new Error(`${name}: ${message.error}, ${message.cause}`);
      return message.result as Awaited<ReturnType<Tasks[N]>>;
    } finally {
      stop.abort();
    }
  }

  async kill(): Promise<void> {
    if (!this.isAlive) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
