import { SessionNotFoundError } from '@pawl/core';
import type { Service } from '../service.ts';
import type { User } from '../users/user-table.ts';
import { login, readBody, registration } from './body.ts';
import { DemoError } from './demo-error.ts';
import { guardedRoute, ok, publicRoute, type Route, withLimit } from './route.ts';

/** Sign-up, login, logout, and content for users only. */
export const accountRoutes = ({ accounts }: Service): readonly Route[] => [
  withLimit(
    'sign-up',
    publicRoute('POST', '/register', async (call) => {
      const { username, password, deliver } = await readBody(call, registration);
      if (deliver === 'cookies') await call.assertOrigin();
      const user = await accounts.register(username, password);
      if (!user) throw new DemoError(409, 'user_exists', 'this name is taken');
      const tokens = await call.login({ userId: user.id, amr: ['pwd'] }, deliver);
      return ok({ user, ...tokens }, 201);
    }),
  ),

  withLimit(
    'login',
    publicRoute('POST', '/login', async (call) => {
      const { username, password, deliver } = await readBody(call, login);
      if (deliver === 'cookies') await call.assertOrigin();
      const user = await accounts.authenticate(username, password);
      if (!user) {
        throw new DemoError(401, 'invalid_credentials', 'the name or the password is wrong');
      }
      return ok({ user, ...(await call.login({ userId: user.id, amr: ['pwd'] }, deliver)) });
    }),
  ),

  publicRoute('POST', '/logout', async (call) => {
    await call.logout();
    return ok({ message: 'logged out' });
  }),

  guardedRoute('GET', '/content', {}, async ({ auth }) => {
    const user = requireUser(await accounts.find(auth.userId));
    return ok({ message: `Hello, ${user.name}. This is for you alone.`, user });
  }),
];

/** In a race, a token may be used just after its user was deleted. */
const requireUser = (user: User | null): User => {
  if (!user) throw new SessionNotFoundError();
  return user;
};
