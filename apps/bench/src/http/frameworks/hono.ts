import type { AddressInfo } from 'node:net';
import { serve as listenOn } from '@hono/node-server';
import { createPawl } from '@pawl/hono';
import { Hono, type MiddlewareHandler } from 'hono';
import type { Credentials } from '../users.ts';
import { type Framework, nobody, type Served, type UserBody } from './framework.ts';

interface Checked {
  Variables: { user: string };
}

const listen = (app: Pick<Hono, 'fetch'>): Promise<number> =>
  new Promise((resolve) => {
    listenOn({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) =>
      resolve(port),
    );
  });

const serve = async (
  credentials: Credentials,
  guard: MiddlewareHandler<Checked>,
): Promise<Served> => {
  const app = new Hono<Checked>();
  app.get('/', guard, (c) => {
    const body: UserBody = { user: c.var.user };
    return c.json(body);
  });
  return { port: await listen(app), credentials };
};

export const honoFramework: Framework = {
  empty: async (credentials) => {
    const app = new Hono();
    app.get('/', (c) => {
      const body: UserBody = { user: nobody };
      return c.json(body);
    });
    return { port: await listen(app), credentials };
  },
  emptyPost: async () => {
    const app = new Hono();
    app.post('/auth/refresh', async (c) => c.json(await c.req.json<unknown>()));
    return { port: await listen(app), credentials: [] };
  },
  table: ({ credentials, userOf }) =>
    serve(credentials, async (c, next) => {
      const user = userOf(c.req.header('authorization'));
      if (user === undefined) return c.json({ error: 'unauthorized' }, 401);
      c.set('user', user);
      return next();
    }),
  check: ({ credentials, userOf }) =>
    serve(credentials, async (c, next) => {
      const user = await userOf(c.req.header('authorization'));
      if (user === undefined) return c.json({ error: 'unauthorized' }, 401);
      c.set('user', user);
      return next();
    }),
  headersCheck: ({ credentials, userOf }) =>
    serve(credentials, async (c, next) => {
      const user = await userOf(c.req.raw.headers);
      if (user === undefined) return c.json({ error: 'unauthorized' }, 401);
      c.set('user', user);
      return next();
    }),
  pawl: async ({ options, ...tokens }) => {
    const pawl = createPawl(options);
    const app = new Hono();
    app.route('/', pawl.routes());
    app.get('/', pawl.guard(), (c) => {
      const body: UserBody = { user: c.var.auth.userId };
      return c.json(body);
    });
    return { port: await listen(app), ...tokens };
  },
};
