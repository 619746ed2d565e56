import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { type EndReason, ExchangeEnded, UpstreamError } from './failure.ts';
import { responseHeaders } from './headers/response-headers.ts';
import { ClientTimer } from './limits/client-timer.ts';
import { type Expiry, earliestExpiry } from './open-connections.ts';
import type { Entry } from './queue.ts';
import type { RequestBody } from './request-body.ts';
import { respondToFailure } from './respond-to-failure.ts';
import type { Route } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

/** What one attempt sends to the API. */
export interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: RequestBody;
}

/** Why the API refused an attempt, where another one may succeed: the proof's nonce, or the token. */
export type RetryReason = 'nonce' | 'token';

/** Looks at a response before any part of it is sent on. */
export interface ResponseInspector {
  /** Returns null if the response goes to the client, or why to make another attempt. */
  inspect(status: number, headers: IncomingHttpHeaders): RetryReason | null;
  /** When the token of the attempt expires, in ms since the epoch; null if that is unknown. */
  readonly expiresAt: number | null;
}

/** In bytes: how much is read of a response that is dropped, to keep its connection open. */
const maxDrained = 65_536;

/** In bytes: below this size, copying the data costs less than writing it in several pieces. */
const maxCopied = 4_096;

/** In bytes: how much of a response waits for a slow client before the API is stopped. */
const maxBuffered = 65_536;

/** In ms: what has just begun may still end by itself. */
const grace = 1_000;

/** One request and its response, over as many attempts as it takes. It ends once. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #settings: ProxySettings;
  readonly #route: Route;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #deadline: Entry | undefined;
  readonly #reading: ClientTimer;
  /** When the session, or a step-up, ends. */
  #expiries: readonly Expiry[] = [];
  #expiry: Entry | undefined;
  #ended: ExchangeEnded | undefined;
  /** This and all that follows is of the current attempt. */
  #reject: ((error: Error) => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #waiting: Entry | undefined;
  #resolve: ((reason: RetryReason | null) => void) | undefined;
  #inspector: ResponseInspector | undefined;
  #path = '';
  #retryReason: RetryReason | null = null;
  #length = 0;
  /** In bytes: the declared length of the body. */
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
    this.#reading = new ClientTimer(settings.clientTimeout, () => this.end('client_timeout'));
    response.on('close', () => {
      if (!response.writableFinished) this.end('client_gone');
    });
  }

  /** Stops the current attempt and responds at once. Only the first reason counts. */
  end(reason: EndReason): void {
    if (this.#ended) return;
    const ended = new ExchangeEnded(reason);
    this.fail(ended);
    this.#ended = ended;
    this.#reject?.(ended);
    this.#controller?.abort(ended);
  }

  /** Call it after every await that the end of the exchange does not interrupt. @throws ExchangeEnded */
  throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }

  /** Sets when a stream must end, whatever happens to the token. */
  set expiries(expiries: readonly Expiry[]) {
    this.#expiries = expiries;
  }

  /** Call it when the request is finished. */
  close(): void {
    this.#deadline?.remove();
    this.#waiting?.remove();
    this.#expiry?.remove();
    this.#reading.stop();
  }

  /**
   * Responds with a failure, unless `end` has responded already.
   *
   * @throws the error itself if it is a mistake of the application and no response was sent
   */
  fail(error: unknown): void {
    if (!this.#ended)
      respondToFailure(this.#settings, this.#route, this.#request, this.#response, error);
  }

  /**
   * Makes one attempt, and sends the response on at the pace of the client.
   *
   * @returns null once the response has been sent on, or why the API demands another attempt
   * @throws ExchangeEnded, UpstreamError
   */
  send(
    { method, path, search, headers, body }: Attempt,
    inspector: ResponseInspector,
  ): Promise<RetryReason | null> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#resolve = resolve;
      this.#reject = reject;
      this.#inspector = inspector;
      this.#path = path;
      this.#retryReason = null;
      this.#length = 0;
      this.#waiting = this.#route.connecting.add(this);
      this.#route.pool.dispatch(
        { method: method as Dispatcher.HttpMethod, path: path + search, headers, body },
        this,
      );
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#waiting?.remove();
    // The exchange may have ended while it waited for a connection.
    if (this.#ended) controller.abort(this.#ended);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    this.#retryReason = this.#inspector?.inspect(status, headers) ?? null;
    if (this.#retryReason) return;
    const length = headers['content-length'];
    this.#expected = length === undefined ? Infinity : Number(length);
    if (length !== undefined && this.#expected > this.#settings.responseLimit) {
      return this.end('response_too_large');
    }
    const response = this.#response;
    response.writeHead(status, responseHeaders(headers, this.#route, this.#path));
    if (response.writableNeedDrain) this.#pause(controller);
    if (length !== undefined) return;
    this.#expireWithToken();
    queueMicrotask(() => this.#flush());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#retryReason) {
      if (this.#length > maxDrained) controller.abort(new ExchangeEnded('response_too_large'));
    } else if (this.#length > this.#settings.responseLimit) this.end('response_too_large');
    else if (this.#length === this.#expected) this.#endWith(chunk);
    else if (!this.#response.write(chunk) && this.#response.writableLength > maxBuffered)
      this.#pause(controller);
  }

  onResponseEnd(): void {
    this.#reject = this.#controller = undefined;
    if (!this.#retryReason && !this.#response.writableEnded) this.#response.end();
    this.#resolve?.(this.#retryReason);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const reject = this.#reject;
    this.#reject = this.#controller = undefined;
    // The refusal was received, so what happened to the connection after it does not matter.
    if (this.#retryReason) this.#resolve?.(this.#retryReason);
    else reject?.(this.#ended ?? new UpstreamError(error));
  }

  /**
   * Writes the last chunk of a body of known length together with the end. A small chunk is
   * written as a string: Node sends headers and a string in one write, headers and bytes in two.
   */
  #endWith(chunk: Buffer): void {
    if (chunk.length > maxCopied) this.#response.end(chunk);
    else this.#response.end(chunk.toString('latin1'), 'latin1');
  }

  /** Data that came with the headers leaves with them. If a stream has no data yet, the headers leave now. */
  #flush(): void {
    const isOpen = !this.#ended && !this.#response.writableEnded;
    if (isOpen && this.#length === 0) this.#response.flushHeaders();
  }

  #pause(controller: Dispatcher.DispatchController): void {
    controller.pause();
    this.#reading.start();
    if (this.#isPaced) return;
    this.#isPaced = true;
    this.#response.on('drain', () => {
      this.#reading.stop();
      this.#controller?.resume();
    });
  }

  /** A stream must not outlive what opened it. A response of known length ends by itself. */
  #expireWithToken(): void {
    const { clock, open } = this.#settings;
    const first = earliestExpiry(this.#expiries, this.#inspector?.expiresAt ?? null);
    if (!first) return;
    const at = Math.max(first.at, clock() + grace);
    this.#expiry = open.expire(this, { ...first, at });
  }
}
