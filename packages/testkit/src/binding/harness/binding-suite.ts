import type { TestRunner } from '../../harness/runner.ts';
import { TestGroups } from '../../harness/test-groups.ts';
import type { HttpResponse } from './exchange.ts';
import type { Mount } from './mount.ts';
import type { BindingSuiteOptions } from './options.ts';
import { type ServiceSetup, serve } from './serve.ts';
import type { Service } from './service.ts';

/** The tests of a binding. Each test starts the services that it needs. */
export class BindingSuite extends TestGroups<BindingTrial> {
  readonly options: BindingSuiteOptions;
  readonly #mount: Mount;

  constructor(test: TestRunner, mount: Mount, options: BindingSuiteOptions) {
    super(test, options);
    this.options = options;
    this.#mount = mount;
  }

  protected override async run(
    _: unknown,
    body: (trial: BindingTrial) => Promise<void>,
  ): Promise<void> {
    const trial = new BindingTrial(this.runner, this.#mount, this.options);
    try {
      await body(trial);
    } finally {
      await trial.close();
    }
  }
}

/** What a test of a binding receives: it starts services and checks responses. */
export class BindingTrial {
  readonly options: BindingSuiteOptions;
  readonly #runner: TestRunner;
  readonly #mount: Mount;
  readonly #closers: (() => void | Promise<void>)[] = [];

  constructor(runner: TestRunner, mount: Mount, options: BindingSuiteOptions) {
    this.#runner = runner;
    this.#mount = mount;
    this.options = options;
  }

  /** Starts a service that is closed after the test. */
  async serve(setup: ServiceSetup = {}): Promise<Service> {
    const provided = await this.options.store();
    if (provided.close) this.#closers.push(provided.close);
    const { service, close } = await serve(this.#mount, provided, setup);
    this.#closers.push(close);
    return service;
  }

  /** Closes every service that the test has started, the last one first. */
  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
  }

  /** Checks deep equality. */
  same(actual: unknown, expected: unknown, message?: string): void {
    this.#runner.expect(actual, message).toEqual(expected);
  }

  /** Checks the status of a response, and nothing else. */
  hasStatus(
    { method, path, status, text }: HttpResponse,
    expected: number,
    message: string = '',
  ): void {
    this.same(status, expected, `${method} ${path} ${message}: ${text}`);
  }

  /** Checks that a response is a complete refusal by Pawl: status, error code, headers and body. */
  isRefusal(response: HttpResponse, status: number, error: string, message: string = ''): void {
    const { method, path, headers, text } = response;
    this.hasStatus(response, status, message);
    const where = `${method} ${path} ${message}`;
    // A response to HEAD has no body.
    if (method !== 'HEAD') {
      const body = JSON.parse(text) as Record<string, unknown>;
      this.same(Object.keys(body).toSorted(), ['error', 'message'], where);
      this.same(body['error'], error, where);
      this.same(headers['content-type']?.split(';')[0], 'application/json', where);
    }
    this.same(headers['cache-control'], 'no-store', where);
    this.same(headers['pragma'], 'no-cache', where);
    const challenge = headers['www-authenticate']?.split(/[ ,]/)[0];
    if (status === 401) this.same(challenge, 'Bearer', where);
    if (status === 503 || status === 409) {
      if (error !== 'session_limit') this.same(headers['retry-after'], '1', where);
    }
  }
}
