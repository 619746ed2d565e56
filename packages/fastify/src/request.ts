import { type HttpRequest, type NodeResponse, nodeRequest } from '@pawl/http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What `app.setErrorHandler` of Fastify takes. */
export type FastifyErrorHandler = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
) => unknown;

/** The request as it was sent, ignoring `trustProxy`; with the body that Fastify parsed, if any. */
export const httpRequest = (request: FastifyRequest): HttpRequest =>
  nodeRequest(request.raw, request.body);

/**
 * Writes to a reply through Fastify, so that its hooks and plugins see every header. It is a class
 * because guards create one per request, and object literals with accessors take microseconds.
 */
export class ReplyResponse implements NodeResponse {
  readonly #reply: FastifyReply;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  get raw(): FastifyReply['raw'] {
    return this.#reply.raw;
  }

  set statusCode(status: number) {
    this.#reply.code(status);
  }

  getHeader(name: string): ReturnType<FastifyReply['getHeader']> {
    return this.#reply.getHeader(name);
  }

  // Fastify's own `header` appends `Set-Cookie` values to the existing ones.
  setHeader(name: string, value: string | readonly string[]): void {
    this.#reply.removeHeader(name).header(name, value);
  }

  end(body?: string): void {
    this.#reply.send(body);
  }
}
