import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { type EndReason, ExchangeEnded, UpstreamError } from './failure.ts';
import { responseHeaders } from './headers/response-headers.ts';
import type { Place } from './queue.ts';
import type { RequestBody } from './request-body.ts';
import { respondToFailure } from './respond-to-failure.ts';
import type { Route } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

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

/** Looks at an answer before anything of it is sent on. */
export interface Judge {
  /** Null: the answer is the client's. */
  judge(status: number, headers: IncomingHttpHeaders): Refused | null;
}

/** In bytes: what is read of an answer that nobody gets, to keep its connection. */
const worthDraining = 65_536;

/** In bytes: up to here a copy costs less than a write of several pieces. */
const worthCopying = 4_096;

/** One request and its answer, over as many tries as it takes. It ends once. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #settings: ProxySettings;
  readonly #route: Route;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #deadline: Place | undefined;
  #ended: ExchangeEnded | undefined;
  /** Of the try that is under way, like all that follows. */
  #reject: ((error: Error) => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #resolve: ((refused: Refused | null) => void) | undefined;
  #judge: Judge | undefined;
  #path = '';
  #refused: Refused | null = null;
  #length = 0;
  /** In bytes: how long the body is said to be. */
  #expected = Infinity;
  #isPaced = false;

  constructor(
    settings: ProxySettings,
    route: Route,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.#settings = settings;
    this.#route = route;
    this.#request = request;
    this.#response = response;
    this.#deadline = route.deadlines.add(this);
    response.on('close', () => {
      if (!response.writableFinished) this.end('client_gone');
    });
  }

  /** Stops what is under way, and answers at once, whatever is waited for. The first reason counts. */
  end(reason: EndReason): void {
    if (this.#ended) return;
    const ended = new ExchangeEnded(reason);
    this.fail(ended);
    this.#ended = ended;
    this.#reject?.(ended);
    this.#controller?.abort(ended);
  }

  /** To be called after whatever may last longer than the exchange. @throws ExchangeEnded */
  throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }

  /** To be called when all is over. */
  close(): void {
    this.#deadline?.leave();
  }

  /**
   * Answers that it failed, unless its end has answered by then.
   *
   * @throws the error itself, where it is a mistake of the application and nothing was answered
   */
  fail(error: unknown): void {
    if (!this.#ended)
      respondToFailure(this.#settings, this.#route, this.#request, this.#response, error);
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
    this.#refused = this.#judge?.judge(status, headers) ?? null;
    if (this.#refused) return;
    const length = headers['content-length'];
    this.#expected = length === undefined ? Infinity : Number(length);
    if (length !== undefined && this.#expected > this.#settings.responseLimit) {
      return this.end('response_too_large');
    }
    const response = this.#response;
    response.writeHead(status, responseHeaders(headers, this.#route, this.#path));
    if (response.writableNeedDrain) this.#pause(controller);
    if (length === undefined) queueMicrotask(() => this.#flush());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#refused) {
      if (this.#length > worthDraining) controller.abort(new ExchangeEnded('response_too_large'));
    } else if (this.#length > this.#settings.responseLimit) this.end('response_too_large');
    else if (this.#length === this.#expected) this.#endWith(chunk);
    else if (!this.#response.write(chunk)) this.#pause(controller);
  }

  onResponseEnd(): void {
    this.#reject = this.#controller = undefined;
    if (!this.#refused && !this.#response.writableEnded) this.#response.end();
    this.#resolve?.(this.#refused);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const reject = this.#reject;
    this.#reject = this.#controller = undefined;
    // The API's no was heard, whatever became of the connection.
    if (this.#refused) this.#resolve?.(this.#refused);
    else reject?.(this.#ended ?? new UpstreamError(error));
  }

  /**
   * The last piece of a body of known length leaves together with the end. A small one as a
   * string: Node writes the head and a string at once, and gathers the head and bytes.
   */
  #endWith(chunk: Buffer): void {
    if (chunk.length > worthCopying) this.#response.end(chunk);
    else this.#response.end(chunk.toString('latin1'), 'latin1');
  }

  /** What came with the head leaves with it. Of a stream that only begins the client hears at once. */
  #flush(): void {
    const isOpen = !this.#ended && !this.#response.writableEnded;
    if (isOpen && this.#length === 0) this.#response.flushHeaders();
  }

  #pause(controller: Dispatcher.DispatchController): void {
    controller.pause();
    if (this.#isPaced) return;
    this.#isPaced = true;
    this.#response.on('drain', () => this.#controller?.resume());
  }
}
