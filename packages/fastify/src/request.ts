import { type HttpRequest, type NodeResponse, nodeRequest } from '@pawl/http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What was sent, and by whom: `trustProxy` has no say. The body as Fastify has parsed it, if it has. */
export const httpRequest = (request: FastifyRequest): HttpRequest =>
  nodeRequest(request.raw, request.body);

/** A reply to write to: through Fastify, whose hooks and plugins then see it too. */
export const httpResponse = (reply: FastifyReply): NodeResponse => ({
  get statusCode() {
    return reply.statusCode;
  },
  set statusCode(status) {
    reply.code(status);
  },
  getHeader: (name) => reply.getHeader(name),
  // Fastify would add a cookie to those that are there already.
  setHeader: (name, value) => reply.removeHeader(name).header(name, value),
  end: (body) => reply.send(body),
});

/** Where a guard leaves what it found. */
export interface Guarded {
  /** Null where no guard ran, and for an anonymous caller. */
  auth?: unknown;
}
