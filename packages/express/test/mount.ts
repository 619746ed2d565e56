import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Mount } from '@pawl/testkit/binding';
import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import { WebSocketServer } from 'ws';
import { createPawl } from '../src/index.ts';

/** The application of the suite, in Express. */
export const mount: Mount = async (settings) => {
  const pawl = createPawl(settings.options);
  const app = Router();
  if (settings.parseBodies) app.use(express.json());
  if (settings.touchResponses) {
    app.use((_, res, next) => {
      res.cookie('lang', 'en');
      res.set({
        'cache-control': 'public, max-age=60',
        vary: 'Accept-Encoding',
        'x-middleware': 'on',
      });
      next();
    });
  }

  const login: RequestHandler = async (req, res) => {
    const { session, options } = settings.login(req.query);
    const { body } = await pawl.login(req, res, session, options);
    res.json({ user: session.userId, ...body });
  };
  const mine: RequestHandler = (req, res) => {
    const { userId, sessionId } = pawl.auth(req);
    settings.onAuth(pawl.auth(req));
    res.json({ user: userId, session: sessionId });
  };
  app.post('/login', login);
  if (settings.options.rateLimits) {
    app.post('/sign-in', pawl.rateLimit('login'), (req, res, next) =>
      settings.isPasswordRight(req.query) ? login(req, res, next) : res.status(401).send('wrong'),
    );
  }
  app.route('/mine').get(pawl.guard(), mine).post(pawl.guard(), mine);
  app.get('/anyone', pawl.optionalGuard(), (req, res) => {
    settings.onAuth(pawl.authIfAny(req));
    res.json({ user: pawl.authIfAny(req)?.userId ?? null });
  });
  app.post('/anyone/login', pawl.optionalGuard(), login);
  app.get('/admin', pawl.guard(settings.admin), (_, res) => res.send('in'));
  app.post('/fresh', pawl.guard(settings.fresh), (_, res) => res.send('in'));
  app.get('/broken', pawl.guard(settings.broken), (_, res) => res.send('in'));
  app.post('/elevate', pawl.guard(), async (req, res) => {
    const { userId, sessionId } = pawl.auth(req);
    const { body } = await pawl.elevate(req, res, sessionId ?? '', { acr: 'mfa' });
    res.json({ user: userId, ...body });
  });
  app.post('/bye', async (req, res) => {
    await pawl.logout(req, res);
    res.send('bye');
  });
  app.post('/sign-up', async (req, res) => {
    await pawl.assertOrigin(req);
    res.send('welcome');
  });
  const cached = { 'cache-control': 'public, max-age=600', 'cdn-cache-control': 'max-age=600' };
  app.get('/cached', pawl.guard(), async (_, res) => {
    await settings.beforeResponse();
    res.set(cached).send('cached');
  });
  app.post('/cached/login', async (req, res) => {
    const { session, options } = settings.login(req.query);
    const { body } = await pawl.login(req, res, session, options);
    res.set(cached).json({ user: session.userId, ...body });
  });
  app.get('/bug', () => settings.throwBug());
  app.get('/lookup', async (_, res) => res.json(await settings.callStore()));
  app.use(pawl.routes());

  const service = express();
  // Pawl ignores which proxies the application trusts.
  service.set('trust proxy', true);
  service.use(settings.prefix || '/', app);
  const note: ErrorRequestHandler = (error, _req, _res, next) => {
    settings.onError(error);
    next(error);
  };
  const others: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
    res.status(error.status ?? 500).send('failed');
  };
  service.use(note, pawl.errorHandler(), others);

  const sockets = new WebSocketServer({ noServer: true });
  const upgrade = async (req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const auth = await pawl.upgrade(req, socket);
    if (!auth) return;
    sockets.handleUpgrade(req, socket, head, (opened) => {
      opened.send(auth.userId);
      opened.close();
    });
  };
  const server = createServer(service).listen(0, '127.0.0.1');
  server.on('upgrade', (req, socket, head) => {
    upgrade(req, socket, head).catch(() => socket.destroy());
  });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
