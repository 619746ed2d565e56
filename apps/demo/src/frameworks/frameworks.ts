import type { Server } from 'node:http';
import type { Framework } from '../config.ts';
import type { Route } from '../routes/route.ts';
import type { Service } from '../service.ts';

/** Mounts the routes in a framework, and returns its server, which does not listen yet. */
export type CreateServer = (service: Service, routes: readonly Route[]) => Server | Promise<Server>;

/** Loads one framework. */
export const loadFramework: Readonly<Record<Framework, () => Promise<CreateServer>>> = {
  express: async () => (await import('./express.ts')).createExpressServer,
  fastify: async () => (await import('./fastify.ts')).createFastifyServer,
  hono: async () => (await import('./hono.ts')).createHonoServer,
};
