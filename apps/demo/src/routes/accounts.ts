import { SessionNotFoundError } from '@pawl/core';
import type { Service } from '../service.ts';
import type { User } from '../users/user-table.ts';
import { login, readBody, registration } from './body.ts';
import { Refused } from './refused.ts';
import { guarded, limited, ok, open, type Route } from './route.ts';

/** Sign-up, login, logout, and something that only a user may see. */
export const accountRoutes = ({ accounts }: Service): readonly Route[] => [
  limited(
    'sign-up',
    open('POST', '/register', async (call) => {
      const { username, password, deliver } = await readBody(call, registration);
      if (deliver === 'cookies') await call.checkOrigin();
      const user = await accounts.register(username, password);
      if (!user) throw new Refused(409, 'user_exists', 'this name is taken');
      const tokens = await call.login({ userId: user.id, amr: ['pwd'] }, deliver);
      return ok({ user, ...tokens }, 201);
    }),
  ),

  limited(
    'login',
    open('POST', '/login', async (call) => {
      const { username, password, deliver } = await readBody(call, login);
      if (deliver === 'cookies') await call.checkOrigin();
      const user = await accounts.authenticate(username, password);
      if (!user) {
        throw new Refused(401, 'invalid_credentials', 'the name or the password is wrong');
      }
      return ok({ user, ...(await call.login({ userId: user.id, amr: ['pwd'] }, deliver)) });
    }),
  ),

  open('POST', '/logout', async (call) => {
    await call.logout();
    return ok({ message: 'logged out' });
  }),

  guarded('GET', '/content', {}, async ({ auth }) => {
    const user = existing(await accounts.find(auth.userId));
    return ok({ message: `Hello, ${user.name}. This is for you alone.`, user });
  }),
];

/** A deleted user's token may outlive the user by the blink of a race. */
const existing = (user: User | null): User => {
  if (!user) throw new SessionNotFoundError();
  return user;
};
