import type { AddressInfo } from 'node:net';
import fastifyCookie from '@fastify/cookie';
import fastifyJwt from '@fastify/jwt';
import fastifySession from '@fastify/session';
import { createPawl } from '@pawl/fastify';
import { fromNodeHeaders } from 'better-auth/node';
import { RedisStore } from 'connect-redis';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { createClient } from 'redis';
import { bearer, type Credentials, users } from '../users.ts';
import { type Framework, logInUsers, nobody, type Served, type UserBody } from './framework.ts';

declare module 'fastify' {
  interface Session {
    user: string;
  }
}

/** A request on which a guard in this file has set the user. */
interface Checked {
  checkedUser: string | null;
}

const secret = 'a secret of the bench, of quite enough characters';

const listen = async (app: FastifyInstance): Promise<number> => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
};

/** Serves a guard. A synchronous check creates no promise. */
const serve = async (
  credentials: Credentials,
  check: (request: FastifyRequest) => string | undefined | Promise<string | undefined>,
): Promise<Served> => {
  const app = fastify();
  app.decorateRequest('checkedUser', null);
  app.get(
    '/',
    {
      onRequest: (request, reply, done) => {
        const decide = (user: string | undefined): void => {
          if (user === undefined) {
            reply.code(401).send({ error: 'unauthorized' });
            return;
          }
          (request as unknown as Checked).checkedUser = user;
          done();
        };
        const user = check(request);
        if (user instanceof Promise) user.then(decide, done);
        else decide(user);
      },
    },
    (request, reply) => {
      const body: UserBody = { user: (request as unknown as Checked).checkedUser };
      reply.send(body);
    },
  );
  return { port: await listen(app), credentials };
};

export const fastifyFramework: Framework = {
  empty: async (credentials) => {
    const app = fastify();
    app.get('/', (_request, reply) => {
      const body: UserBody = { user: nobody };
      reply.send(body);
    });
    return { port: await listen(app), credentials };
  },
  emptyPost: async () => {
    const app = fastify();
    app.post('/auth/refresh', (request, reply) => {
      reply.send(request.body);
    });
    return { port: await listen(app), credentials: [] };
  },
  table: ({ credentials, userOf }) =>
    serve(credentials, (request) => userOf(request.headers.authorization)),
  check: ({ credentials, userOf }) =>
    serve(credentials, (request) => userOf(request.headers.authorization)),
  headersCheck: ({ credentials, userOf }) =>
    serve(credentials, (request) => userOf(fromNodeHeaders(request.headers))),
  pawl: async ({ options, ...tokens }) => {
    const pawl = createPawl(options);
    const app = fastify();
    app.setErrorHandler(pawl.errorHandler());
    await app.register(pawl.routes());
    app.get('/', { onRequest: pawl.guard() }, (request, reply) => {
      const body: UserBody = { user: pawl.auth(request).userId };
      reply.send(body);
    });
    return { port: await listen(app), ...tokens };
  },
  session: async (redisPort) => {
    const client = createClient({ url: `redis://127.0.0.1:${redisPort}` });
    await client.connect();
    const app = fastify();
    await app.register(fastifyCookie);
    await app.register(fastifySession, {
      store: new RedisStore({ client }),
      secret,
      saveUninitialized: false,
      cookie: { secure: false, maxAge: 3_600_000 },
    });
    app.get('/login/:user', (request, reply) => {
      request.session.user = (request.params as { user: string }).user;
      reply.send();
    });
    app.get(
      '/',
      {
        preHandler: (request, reply, done) => {
          if (request.session.user === undefined) reply.code(401).send({ error: 'unauthorized' });
          else done();
        },
      },
      (request, reply) => {
        const body: UserBody = { user: request.session.user };
        reply.send(body);
      },
    );
    return logInUsers(await listen(app), users);
  },
  cachedJwt: async () => {
    const app = fastify();
    await app.register(fastifyJwt, { secret, verify: { cache: true }, sign: { expiresIn: '1h' } });
    app.get(
      '/',
      {
        onRequest: async (request) => {
          await request.jwtVerify();
        },
      },
      (request, reply) => {
        const body: UserBody = { user: (request.user as { sub: string }).sub };
        reply.send(body);
      },
    );
    const port = await listen(app);
    return { port, credentials: bearer(users.map((sub) => app.jwt.sign({ sub }))) };
  },
};
