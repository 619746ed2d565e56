import { SessionNotFoundError } from '@pawl/core';
import type { Service } from '../service.ts';
import type { User } from '../users/user-table.ts';
import { login, readBody, registration } from './body.ts';
import { DemoError } from './demo-error.ts';
import { guardedRoute, ok, publicRoute, type Route, withLimit } from './route.ts';
import { signIn } from './sign-in.ts';

/** Sign-up, login, logout, and content for users only. */
export const accountRoutes = (service: Service): readonly Route[] => {
  const { accounts, limitAccount, countEnded } = service;
  return [
    withLimit(
      'sign-up',
      publicRoute('POST', '/register', async (call) => {
        const { username, name, password, deliver } = await readBody(call, registration);
        if (deliver === 'cookies') await call.assertOrigin();
        const registered = await accounts.register(username, password, name || null);
        if (!registered) throw new DemoError(409, 'user_exists', 'this name is taken');
        const body = await signIn(service, call, registered, 'pwd', deliver);
        if (!body) throw wrongCredentials();
        return ok(body, 201);
      }),
    ),

    withLimit(
      'login',
      publicRoute('POST', '/login', async (call) => {
        const { username, password, deliver } = await readBody(call, login);
        if (deliver === 'cookies') await call.assertOrigin();
        await limitAccount('login', username);
        const found = await accounts.authenticate(username, password);
        const body = found && (await signIn(service, call, found, 'pwd', deliver));
        if (!body) throw wrongCredentials();
        return ok(body);
      }),
    ),

    publicRoute('POST', '/logout', async (call) => {
      const ended = await countEnded(() => call.logout());
      return ok({ message: ended > 0 ? 'logged out' : 'there was no session to end' });
    }),

    guardedRoute('GET', '/content', {}, async ({ auth }) => {
      const user = requireUser(await accounts.find(auth.userId));
      const message = `Hello, ${user.name}. This is for you alone.`;
      return ok({ message, user: user.username, name: user.name });
    }),
  ];
};

const wrongCredentials = (): DemoError =>
  new DemoError(401, 'invalid_credentials', 'the name or the password is wrong');

/** In a race, a token may be used just after its user was deleted. */
const requireUser = (user: User | null): User => {
  if (!user) throw new SessionNotFoundError();
  return user;
};
