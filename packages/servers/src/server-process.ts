import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './account.ts';

/** How to start a server, and how to check that it is ready. */
export interface ServerCommand {
  /** Name of the server in error messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Working folder. The output of the server goes to `server.log` in it. */
  readonly folder: string;
  /** Account to run under if this process runs as root. Default: the current account. */
  readonly account?: string | undefined;
  /** Called repeatedly until it returns true. An error that it throws counts as false. */
  readonly isReady: () => Promise<boolean>;
  /** Signal that asks the server to end. Default: `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals | undefined;
  /** In ms: how long the server may take until it is ready. Default: 30,000. */
  readonly startTimeout?: number | undefined;
}

const stopTimeout = 5_000;

/** A server as a child process. It ends with this process, and does not keep this process alive. */
export class ServerProcess {
  readonly #server: ServerCommand;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(server: ServerCommand) {
    this.#server = server;
  }

  /** The process id, or undefined while the server is not running. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the server, also after it has ended, and waits until it is ready. */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.#server.name} is already running`);
    const child = this.#spawn();
    const deadline = Date.now() + (this.#server.startTimeout ?? 30_000);
    while (!(await this.#server.isReady().catch(() => false))) {
      if (this.#child !== child)
        throw new Error(`${this.#server.name} did not start: ${this.#log()}`);
      if (Date.now() > deadline) {
        await this.kill();
        throw new Error(`${this.#server.name} was not ready in time: ${this.#log()}`);
      }
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }

  /** Asks the server to end, and kills it if it has not ended within 5 s. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), stopTimeout);
    timer.unref();
    this.resume();
    await this.#end(this.#server.stopSignal ?? 'SIGTERM');
    clearTimeout(timer);
  }

  /** Kills the server (`SIGKILL`). */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Suspends the server (`SIGSTOP`): connections stay open and get no reply. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Resumes a paused server (`SIGCONT`). */
  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  #spawn(): ChildProcess {
    const { command, args, folder, account } = this.#server;
    const [file, rest] = commandLine(command, args, account);
    const log = openSync(join(folder, 'server.log'), 'a');
    const child = spawn(file, rest, { cwd: folder, stdio: ['ignore', log, log] });
    closeSync(log);
    child.unref();
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const ended = (): void => {
        if (this.#child === child) this.#child = undefined;
        resolve();
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
    return child;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.ref();
    this.#child?.kill(signal);
    await this.#exited;
  }

  #log(): string {
    return readFileSync(join(this.#server.folder, 'server.log'), 'utf8').trim().slice(-2_000);
  }
}
