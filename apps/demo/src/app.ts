import {
  type Clock,
  createSessions,
  RefreshRefusedError,
  SessionNotFoundError,
  type Sessions,
  StepUpRequiredError,
  type Store,
  systemClock,
} from '@pawl/core';
import { createPawl } from '@pawl/hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import { login, passwordChange, readBody, refused, registration } from './body.ts';
import type { Config } from './config.ts';
import { logEvent, logHttpEvent } from './log.ts';
import { type User, Users } from './users.ts';

export interface Demo {
  readonly app: Hono;
  readonly sessions: Sessions<Record<string, unknown>, Record<string, unknown>>;
}

/** In ms: for so long after a login nobody is asked for the password again. */
const freshLogin = 5 * 60_000;

/** The service: everything but the socket. @throws ConfigurationError */
export const createDemo = (
  config: Config,
  store: Pick<Store, 'sessions'>,
  log: Logger,
  clock: Clock = systemClock,
): Demo => {
  const users = new Users();
  const sessions = createSessions({
    store,
    secrets: [config.secret],
    preset: config.preset,
    clock,
    onEvent: logEvent(log),
    authorizeRefresh: ({ session }) => {
      if (!users.find(session.userId)) throw new RefreshRefusedError('the user is gone');
    },
  });
  const pawl = createPawl({
    sessions,
    origin: config.origin,
    allowedOrigins: [config.corsOrigin],
    authPath: '/',
    cookies: { refreshPath: '/refresh' },
    clock,
    onEvent: logHttpEvent(log),
  });

  /** A deleted user's token may outlive the user by the blink of a race. */
  const userOf = (userId: string): User => {
    const user = users.find(userId);
    if (!user) throw new SessionNotFoundError();
    return user;
  };

  const app = new Hono();
  app.use(async (c, next) => {
    const started = performance.now();
    await next();
    // The route, not the path: a path may hold a session id.
    const line = { method: c.req.method, route: routePath(c, -1), status: c.res.status };
    log.info({ ...line, ms: Math.round(performance.now() - started) });
  });
  app.use(cors({ origin: config.corsOrigin, credentials: true }));
  app.use(
    bodyLimit({
      maxSize: 16_384,
      onError: (c) => {
        throw refused(c, 413, 'payload_too_large', 'the body is too large');
      },
    }),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    const answer = pawl.errorResponse(error);
    if (answer) return answer;
    log.error({ err: error });
    return c.json({ error: 'internal_error', message: 'something went wrong' }, 500);
  });
  app.notFound((c) => c.json({ error: 'not_found', message: 'there is no such thing' }, 404));

  app.get('/health', (c) => c.json({ status: 'OK' }));

  app.post('/register', async (c) => {
    const { username, password, deliver } = await readBody(c, registration);
    if (deliver === 'cookies') await pawl.checkOrigin(c);
    const user = await users.register(username, password);
    if (!user) throw refused(c, 409, 'user_exists', 'this name is taken');
    const { body } = await pawl.login(c, { userId: user.id }, { deliver });
    return c.json({ user, ...body }, 201);
  });

  app.post('/login', async (c) => {
    const { username, password, deliver } = await readBody(c, login);
    if (deliver === 'cookies') await pawl.checkOrigin(c);
    const user = await users.authenticate(username, password);
    if (!user) throw refused(c, 401, 'invalid_credentials', 'the name or the password is wrong');
    const { body } = await pawl.login(c, { userId: user.id, amr: ['pwd'] }, { deliver });
    return c.json({ user, ...body });
  });

  app.post('/logout', async (c) => {
    await pawl.logout(c);
    return c.json({ message: 'logged out' });
  });

  app.get('/content', pawl.guard(), (c) => {
    const user = userOf(c.var.auth.userId);
    return c.json({ message: `Hello, ${user.name}. This is for you alone.`, user });
  });

  app.post('/change-password', pawl.guard(), async (c) => {
    const { userId, sessionId, authTime } = c.var.auth;
    const { current_password: current, new_password: password } = await readBody(c, passwordChange);
    if (sessionId === null) throw new SessionNotFoundError();
    if (current !== undefined) {
      if (!(await users.hasPassword(userId, current))) {
        throw refused(c, 403, 'wrong_password', 'the current password is wrong');
      }
    } else if (authTime === null || clock() - authTime > freshLogin) {
      throw new StepUpRequiredError();
    }
    const changed = await users.changePassword(userId, password, async () => {
      await sessions.revokeOthers(userId, sessionId, 'password_changed');
    });
    if (!changed) throw new SessionNotFoundError();
    // New credentials for this session too; it is as freshly authenticated as it was.
    const known = current === undefined && authTime !== null ? { authTime } : {};
    const { body } = await pawl.elevate(c, sessionId, known);
    return c.json({ message: 'the password was changed', ...body });
  });

  app.delete('/delete', pawl.guard(), async (c) => {
    const { userId } = c.var.auth;
    await sessions.revokeAll(userId, 'account_deleted');
    users.remove(userId);
    await pawl.logout(c);
    return c.json({ message: 'the account was deleted' });
  });

  app.route('/', pawl.routes());
  return { app, sessions };
};
