import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './account.ts';

/** How a server is started, and how to see that it answers. */
export interface ServerCommand {
  /** Shown in errors. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its working folder; what it prints goes to `server.log` there. */
  readonly folder: string;
  /** The account to run under, if we are root. Default: ours. */
  readonly account?: string;
  /** Asked again and again until it answers true; what it throws counts as not yet. */
  readonly isReady: () => Promise<boolean>;
  /** How to ask it to end. Default: `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals;
  /** In ms. Default: 30,000. */
  readonly startTimeout?: number;
}

const stopTimeout = 5_000;

/** One server as a child process: it never outlives us, and never keeps us alive. */
export class ServerProcess {
  readonly #server: ServerCommand;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(server: ServerCommand) {
    this.#server = server;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it, again after it ended, and waits until it is ready. */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.#server.name} is running already`);
    const child = this.#spawn();
    const deadline = Date.now() + (this.#server.startTimeout ?? 30_000);
    while (!(await this.#server.isReady().catch(() => false))) {
      if (this.#child !== child)
        throw new Error(`${this.#server.name} did not start: ${this.#log()}`);
      if (Date.now() > deadline) {
        await this.kill();
        throw new Error(`${this.#server.name} is not ready in time: ${this.#log()}`);
      }
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }

  /** Asks it to end, and ends it if it does not within 5 s. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), stopTimeout);
    timer.unref();
    this.resume();
    await this.#end(this.#server.stopSignal ?? 'SIGTERM');
    clearTimeout(timer);
  }

  /** Ends it at once, as a power cut would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Stops its time: it holds its connections and answers nothing. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

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
