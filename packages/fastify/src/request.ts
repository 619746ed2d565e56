import { type HttpRequest, type NodeResponse, nodeRequest } from '@pawl/http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What was sent, and by whom: `trustProxy` has no say. The body as Fastify has parsed it, if it has. */
export const httpRequest = (request: FastifyRequest): HttpRequest =>
  nodeRequest(request.raw, request.body);

/**
 * A reply to write to: through Fastify, whose hooks and plugins then see it too. A class, for
 * a guard makes one per request, and an object with accessors of its own costs µs.
 */
export class ReplyResponse implements NodeResponse {
  readonly #reply: FastifyReply;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  set statusCode(status: number) {
    this.#reply.code(status);
  }

  getHeader(name: string): ReturnType<FastifyReply['getHeader']> {
    return this.#reply.getHeader(name);
  }

  // Fastify would add a cookie to those that are there already.
  setHeader(name: string, value: string | readonly string[]): void {
    this.#reply.removeHeader(name).header(name, value);
  }

  end(body?: string): void {
    this.#reply.send(body);
  }
}
