import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSecret, type SessionTimes } from '@pawl/core';
import { takeHistory } from '../history/log.ts';
import type { Operation } from '../history/operation.ts';
import type { ConnectOptions, StoreAddress } from '../stores/address.ts';
import type { LoadPlan, Remainder, Reply, Verb, Verbs, WorkerPlan } from './plan.ts';

export interface WorkerOptions extends ConnectOptions {
  readonly address: StoreAddress;
  readonly skew?: number;
}

/** The nodes of one deployment, each in a separate process, and their common history. */
export class Fleet {
  readonly #folder: string;
  readonly #times: Partial<SessionTimes>;
  readonly #seed: number;
  readonly #secret = generateSecret();
  readonly #workers: Worker[] = [];

  static async start(times: Partial<SessionTimes>, seed: number): Promise<Fleet> {
    return new Fleet(await mkdtemp(join(tmpdir(), 'pawl-chaos-')), times, seed);
  }

  private constructor(folder: string, times: Partial<SessionTimes>, seed: number) {
    this.#folder = folder;
    this.#times = times;
    this.#seed = seed;
  }

  add({ skew = 0, ...options }: WorkerOptions): Worker {
    const name = `node ${this.#workers.length + 1}`;
    const worker = new Worker({
      ...options,
      name,
      skew,
      secret: this.#secret,
      times: this.#times,
      seed: this.#seed + this.#workers.length,
      log: join(this.#folder, `${name}.jsonl`),
    });
    this.#workers.push(worker);
    return worker;
  }

  /** Returns the operations since the last call. Call it only while no operation is running. */
  takeHistory(): Operation[] {
    return this.#workers.flatMap(({ log }) => takeHistory(log));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One node, in a separate process. */
export class Worker {
  readonly log: string;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, PendingCall>();
  readonly #exited: Promise<void>;
  #lastId = 0;

  constructor(plan: WorkerPlan) {
    this.log = plan.log;
    this.#child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(plan)], {
      execArgv: ['--conditions=@pawl/source'],
    });
    this.#child.on('message', (reply: Reply) => this.#settle(reply));
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        const error = new Error(`${plan.name} exited with code ${code}`);
        for (const { reject } of this.#pending.values()) reject(error);
        resolve();
      });
    });
  }

  login(users: readonly string[]): Promise<readonly string[]> {
    return this.#call('login', { users });
  }

  storm(tokens: readonly string[], times: number): Promise<readonly (string | null)[]> {
    return this.#call('storm', { tokens, times });
  }

  audit(tokens: readonly string[]): Promise<readonly string[]> {
    return this.#call('audit', { tokens });
  }

  steal(tokens: readonly string[]): Promise<readonly string[]> {
    return this.#call('steal', { tokens });
  }

  load(plan: LoadPlan): Promise<readonly Remainder[]> {
    return this.#call('load', plan);
  }

  async endLoad(): Promise<void> {
    await this.#call('stop', null);
  }

  progress(): Promise<number> {
    return this.#call('progress', null);
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#exited;
    clearTimeout(timer);
  }

  #call<V extends Verb>(verb: V, request: Verbs[V]['request']): Promise<Verbs[V]['result']> {
    const id = ++this.#lastId;
    return new Promise<Verbs[V]['result']>((resolve, reject) => {
      this.#pending.set(id, { resolve: (result) => resolve(result as Verbs[V]['result']), reject });
      this.#child.send({ id, verb, request }, (error) => error && reject(error));
    });
  }

  #settle({ id, result, problem }: Reply): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (problem === undefined) pending?.resolve(result);
    else pending?.reject(new Error(problem));
  }
}
