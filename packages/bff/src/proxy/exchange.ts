import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { type EndReason, ExchangeEnded, UpstreamError } from './failure.ts';
import type { RequestBody } from './request-body.ts';
import { responseHeaders } from './response-headers.ts';
import type { Route } from './route-table.ts';

/** What one try is made of. */
export interface Try {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: RequestBody;
}

/** What the API refused the request for, where another try may do better. */
export type Refused = 'nonce' | 'token';

/** Looks at an answer before anything of it is sent on. Null: it is the client's. */
export type Judge = (status: number, headers: IncomingHttpHeaders) => Refused | null;

/** In bytes: what is read of an answer that nobody gets, to keep its connection. */
const worthDraining = 65_536;

/** One request and its answer, over as many tries as it takes. It ends once. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;
  readonly #route: Route;
  readonly #responseLimit: number;
  #ended: ExchangeEnded | undefined;
  /** Of whatever is waited for. */
  #reject: ((error: Error) => void) | undefined;
  /** Of the try that is under way, like all that follows. */
  #controller: Dispatcher.DispatchController | undefined;
  #resolve: ((refused: Refused | null) => void) | undefined;
  #judge: Judge | undefined;
  #path = '';
  #refused: Refused | null = null;
  #length = 0;

  constructor(response: ServerResponse, route: Route, responseLimit: number) {
    this.#response = response;
    this.#route = route;
    this.#responseLimit = responseLimit;
    route.deadlines.add(this);
    response.on('close', () => {
      if (!response.writableFinished) this.end('client_gone');
    });
  }

  /** Stops what is under way. The first reason counts. */
  end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = new ExchangeEnded(reason);
    this.#reject?.(this.#ended);
    this.#controller?.abort(this.#ended);
  }

  /** To be called when all is over. */
  close(): void {
    this.#route.deadlines.delete(this);
  }

  /** Waits for something that the end of the exchange does not wait for. */
  orEnd<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#reject = reject;
      work.then((result) => {
        this.#reject = undefined;
        resolve(result);
      }, reject);
    });
  }

  /**
   * Makes one try, and sends the answer on, at the pace of whoever reads it.
   *
   * @returns null once the answer has been sent on, or why the API wants another try
   * @throws ExchangeEnded, UpstreamError
   */
  send({ method, path, search, headers, body }: Try, judge: Judge): Promise<Refused | null> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#resolve = resolve;
      this.#reject = reject;
      this.#judge = judge;
      this.#path = path;
      this.#refused = null;
      this.#length = 0;
      this.#route.pool.dispatch(
        { method: method as Dispatcher.HttpMethod, path: path + search, headers, body },
        this,
      );
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It may have waited for a connection for longer than anybody waits for it.
    if (this.#ended) controller.abort(this.#ended);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    this.#refused = this.#judge?.(status, headers) ?? null;
    if (this.#refused) return;
    const length = headers['content-length'];
    if (Number(length ?? 0) > this.#responseLimit) return this.end('response_too_large');
    const response = this.#response;
    response.writeHead(status, responseHeaders(headers, this.#route, this.#path));
    if (response.writableNeedDrain) this.#pause(controller);
    if (length === undefined) queueMicrotask(() => this.#flush());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#refused) {
      if (this.#length > worthDraining) controller.abort(new ExchangeEnded('response_too_large'));
    } else if (this.#length > this.#responseLimit) this.end('response_too_large');
    else if (!this.#response.write(chunk)) this.#pause(controller);
  }

  onResponseEnd(): void {
    this.#reject = this.#controller = undefined;
    if (!this.#refused) this.#response.end();
    this.#resolve?.(this.#refused);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const reject = this.#reject;
    this.#reject = this.#controller = undefined;
    // The API's no was heard, whatever became of the connection.
    if (this.#refused) this.#resolve?.(this.#refused);
    else reject?.(this.#ended ?? new UpstreamError(error));
  }

  /** What came with the head leaves with it. Of a stream that only begins the client hears at once. */
  #flush(): void {
    const isOpen = !this.#ended && !this.#response.writableEnded;
    if (isOpen && this.#length === 0) this.#response.flushHeaders();
  }

  #pause(controller: Dispatcher.DispatchController): void {
    controller.pause();
    this.#response.once('drain', () => controller.resume());
  }
}
