import { SessionNotFoundError, StepUpRequiredError } from '@pawl/core';
import type { Identity } from '../identity.ts';
import type { Service } from '../service.ts';
import { passwordChange, readBody, stepUp } from './body.ts';
import { DemoError } from './demo-error.ts';
import {
  freshLogin,
  type GuardedCall,
  guardedRoute,
  ok,
  type Route,
  sessionOf,
  withLimit,
} from './route.ts';

const passwordChanged =
  'the password was changed: all other sessions and all API keys have ended, and this session has ' +
  'new tokens, which replace the ones that were sent';

const currentPasswordMissing = (): DemoError =>
  new DemoError(400, 'invalid_request', 'not valid: current_password (required in production)');

/** Routes that require a recent login or the password. Not for API keys. */
export const stepUpRoutes = (service: Service): readonly Route[] => {
  const { accounts, clock, config, changeTogether, identity, limitAccount } = service;

  const checkPassword = async ({ auth }: GuardedCall, password: string): Promise<void> => {
    await limitAccount('password', auth.userId);
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
        // Otherwise a thief of the session would take the account over.
        else if (config.production) throw currentPasswordMissing();
        else if (!isFresh) throw new StepUpRequiredError({ maxAuthAge: freshLogin });
        const sessionId = sessionOf(call);
        const passwordHash = await accounts.hash(next);
        const endOthers = async ({ sessions, apiKeys }: Identity): Promise<void> => {
          await sessions.revokeOthers(userId, sessionId, { reason: 'password_changed' });
          await apiKeys.revokeAll(userId);
        };
        await changeTogether(async ({ users, identity: inside }) => {
          if (!(await users.setPasswordHash(userId, passwordHash)))
            throw new SessionNotFoundError();
          await endOthers(inside);
        });
        // Again, for a login that read the old password before the commit and came in after it.
        await endOthers(identity);
        // New credentials for this session, too. Its authentication time does not change.
        const authentication = current === undefined && authTime !== null ? { authTime } : {};
        const tokens = await call.elevate(sessionId, authentication);
        return ok({ message: passwordChanged, ...tokens });
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
