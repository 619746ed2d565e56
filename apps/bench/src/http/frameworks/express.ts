import type { AddressInfo } from 'node:net';
import { createPawl } from '@pawl/express';
import { fromNodeHeaders } from 'better-auth/node';
import { RedisStore } from 'connect-redis';
import express, { type Express, type Request, type RequestHandler } from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { type Credentials, users } from '../users.ts';
import { type Framework, logInUsers, nobody, type Served, type UserBody } from './framework.ts';

declare module 'express-session' {
  interface SessionData {
    user: string;
  }
}

/** A request on which a guard in this file has set the user. */
interface Checked {
  user?: string;
}

const listen = (app: Express): Promise<number> =>
  new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () =>
      resolve((server.address() as AddressInfo).port),
    );
  });

const respondWith =
  (userOf: (req: Request) => string | null): RequestHandler =>
  (req, res) => {
    const body: UserBody = { user: userOf(req) };
    res.json(body);
  };

const serve = async (
  credentials: Credentials,
  guard: RequestHandler,
  userOf = (req: object): string | null => (req as Checked).user ?? null,
): Promise<Served> => {
  const app = express();
  app.get('/', guard, respondWith(userOf));
  return { port: await listen(app), credentials };
};

export const expressFramework: Framework = {
  empty: async (credentials) => {
    const app = express();
    app.get(
      '/',
      respondWith(() => nobody),
    );
    return { port: await listen(app), credentials };
  },
  emptyPost: async () => {
    const app = express();
    app.use(express.json());
    app.post('/auth/refresh', (req, res) => {
      res.json(req.body);
    });
    return { port: await listen(app), credentials: [] };
  },
  table: ({ credentials, userOf }) =>
    serve(credentials, (req, res, next) => {
      const user = userOf(req.headers.authorization);
      if (user === undefined) {
        res.status(401).json({ error: 'unauthorized' });
        return;
      }
      (req as Checked).user = user;
      next();
    }),
  check: ({ credentials, userOf }) =>
    serve(credentials, async (req, res, next) => {
      const user = await userOf(req.headers.authorization);
      if (user === undefined) {
        res.status(401).json({ error: 'unauthorized' });
        return;
      }
      (req as Checked).user = user;
      next();
    }),
  headersCheck: ({ credentials, userOf }) =>
    serve(credentials, async (req, res, next) => {
      const user = await userOf(fromNodeHeaders(req.headers));
      if (user === undefined) {
        res.status(401).json({ error: 'unauthorized' });
        return;
      }
      (req as Checked).user = user;
      next();
    }),
  pawl: async ({ options, ...tokens }) => {
    const pawl = createPawl(options);
    const app = express();
    app.get(
      '/',
      pawl.guard(),
      respondWith((req) => pawl.auth(req).userId),
    );
    app.use(pawl.routes());
    app.use(pawl.errorHandler());
    return { port: await listen(app), ...tokens };
  },
  session: async (redisPort) => {
    const client = createClient({ url: `redis://127.0.0.1:${redisPort}` });
    await client.connect();
    const app = express();
    app.use(
      session({
        store: new RedisStore({ client }),
        secret: 'a secret of the bench, of quite enough characters',
        resave: false,
        saveUninitialized: false,
      }),
    );
    app.get('/login/:user', (req, res) => {
      req.session.user = req.params.user;
      res.end();
    });
    const guard: RequestHandler = (req, res, next) => {
      if (req.session.user === undefined) res.status(401).json({ error: 'unauthorized' });
      else next();
    };
    app.get(
      '/',
      guard,
      respondWith((req) => req.session.user ?? null),
    );
    return logInUsers(await listen(app), users);
  },
};
