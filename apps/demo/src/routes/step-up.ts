import { SessionNotFoundError, StepUpRequiredError } from '@pawl/core';
import type { Service } from '../service.ts';
import { passwordChange, readBody, stepUp } from './body.ts';
import { DemoError } from './demo-error.ts';
import { type GuardedCall, guardedRoute, ok, type Route, withLimit } from './route.ts';

/** In ms: within this time after a login the password is not required again. */
const freshLogin = 5 * 60_000;

/** Routes that require a recent login or the password. Not for API keys. */
export const stepUpRoutes = (service: Service): readonly Route[] => {
  const { accounts, clock, changeTogether } = service;

  const checkPassword = async ({ auth }: GuardedCall, password: string): Promise<void> => {
    if (!(await accounts.hasPassword(auth.userId, password))) {
      throw new DemoError(403, 'wrong_password', 'the current password is wrong');
    }
  };

  return [
    withLimit(
      'password',
      guardedRoute('POST', '/step-up', { apiKeys: false }, async (call) => {
        const { password } = await readBody(call, stepUp);
        await checkPassword(call, password);
        return ok(await call.elevate(sessionOf(call), { amr: ['pwd'] }));
      }),
    ),

    withLimit(
      'password',
      guardedRoute('POST', '/change-password', { apiKeys: false }, async (call) => {
        const { userId, authTime } = call.auth;
        const { current_password: current, new_password: next } = await readBody(
          call,
          passwordChange,
        );
        const isFresh = authTime !== null && clock() - authTime <= freshLogin;
        if (current !== undefined) await checkPassword(call, current);
        else if (!isFresh) throw new StepUpRequiredError();
        const sessionId = sessionOf(call);
        const passwordHash = await accounts.hash(next);
        await changeTogether(async ({ users, identity }) => {
          if (!(await users.setPasswordHash(userId, passwordHash)))
            throw new SessionNotFoundError();
          await identity.sessions.revokeOthers(userId, sessionId, { reason: 'password_changed' });
        });
        // New credentials for this session, too. Its authentication time does not change.
        const authentication = current === undefined && authTime !== null ? { authTime } : {};
        const tokens = await call.elevate(sessionId, authentication);
        return ok({ message: 'the password was changed', ...tokens });
      }),
    ),

    guardedRoute('DELETE', '/delete', { apiKeys: false, maxAuthAge: freshLogin }, async (call) => {
      const { userId } = call.auth;
      await changeTogether(async ({ users, identity }) => {
        await identity.sessions.revokeAll(userId, { reason: 'account_deleted' });
        await identity.apiKeys.revokeAll(userId);
        await users.remove(userId);
      });
      await call.logout();
      return ok({ message: 'the account was deleted' });
    }),
  ];
};

const sessionOf = ({ auth }: GuardedCall): string => {
  if (auth.sessionId === null) throw new SessionNotFoundError();
  return auth.sessionId;
};
