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
export class Exchange {
  readonly #response: ServerResponse;
  readonly #route: Route;
  readonly #responseLimit: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #ended: ExchangeEnded | undefined;
  #abort: ((error: Error) => void) | undefined;

  constructor(response: ServerResponse, route: Route, responseLimit: number) {
    this.#response = response;
    this.#route = route;
    this.#responseLimit = responseLimit;
    if (route.timeout <= 86_400_000) {
      this.#timer = setTimeout(() => this.end('timeout'), route.timeout);
    }
    response.on('close', this.#onClose);
  }

  readonly #onClose = (): void => {
    if (!this.#response.writableFinished) this.end('client_gone');
  };

  /** Stops what is under way. The first reason counts. */
  end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = new ExchangeEnded(reason);
    this.#abort?.(this.#ended);
  }

  /** To be called when all is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#response.off('close', this.#onClose);
  }

  /** Waits for something that the end of the exchange does not wait for. */
  orEnd<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#abort = reject;
      work.then((result) => {
        this.#abort = undefined;
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
  send(made: Try, judge: Judge): Promise<Refused | null> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      let controller: Dispatcher.DispatchController | undefined;
      let refused: Refused | null = null;
      let length = 0;
      const response = this.#response;
      const resume = (): void => controller?.resume();
      this.#abort = (error) => {
        reject(error);
        controller?.abort(error);
      };
      const { method, path, search, headers, body } = made;
      this.#route.pool.dispatch(
        { method: method as Dispatcher.HttpMethod, path: path + search, headers, body },
        {
          onRequestStart: (started) => {
            controller = started;
            // It may have waited for a connection for longer than anybody waits for it.
            if (this.#ended) started.abort(this.#ended);
          },
          onResponseStart: (started, status, received) => {
            if (status < 200) return;
            refused = judge(status, received);
            if (refused) return;
            if (Number(received['content-length'] ?? 0) > this.#responseLimit) {
              return this.end('response_too_large');
            }
            const sent = responseHeaders(received, this.#route, path);
            response.writeHead(status, sent);
            response.on('drain', resume);
            if (response.writableNeedDrain) started.pause();
          },
          onResponseData: (started, chunk) => {
            length += chunk.length;
            if (refused) {
              if (length > worthDraining) started.abort(new ExchangeEnded('response_too_large'));
            } else if (length > this.#responseLimit) this.end('response_too_large');
            else if (!response.write(chunk)) started.pause();
          },
          onResponseEnd: () => {
            response.off('drain', resume);
            this.#abort = undefined;
            if (!refused) response.end();
            resolve(refused);
          },
          onResponseError: (_, error) => {
            response.off('drain', resume);
            this.#abort = undefined;
            // The API's no was heard, whatever became of the connection.
            if (refused) resolve(refused);
            else reject(this.#ended ?? new UpstreamError(error));
          },
        },
      );
    });
  }
}
