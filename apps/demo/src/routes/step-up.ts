import { SessionNotFoundError, StepUpRequiredError } from '@pawl/core';
import type { Service } from '../service.ts';
import { passwordChange, readBody, stepUp } from './body.ts';
import { Refused } from './refused.ts';
import { type GuardedCall, guarded, limited, ok, type Route } from './route.ts';

/** In ms: for so long after a login nobody is asked for the password again. */
const freshLogin = 5 * 60_000;

/** What only somebody may do who has just shown who he is. Not for API keys. */
export const stepUpRoutes = (service: Service): readonly Route[] => {
  const { accounts, clock, changeTogether } = service;

  const checkPassword = async ({ auth }: GuardedCall, password: string): Promise<void> => {
    if (!(await accounts.hasPassword(auth.userId, password))) {
      throw new Refused(403, 'wrong_password', 'the current password is wrong');
    }
  };

  return [
    limited(
      'password',
      guarded('POST', '/step-up', { apiKeys: false }, async (call) => {
        const { password } = await readBody(call, stepUp);
        await checkPassword(call, password);
        return ok(await call.elevate(sessionOf(call), { amr: ['pwd'] }));
      }),
    ),

    limited(
      'password',
      guarded('POST', '/change-password', { apiKeys: false }, async (call) => {
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
          await identity.sessions.revokeOthers(userId, sessionId, 'password_changed');
        });
        // New credentials for this session too; it is as freshly authenticated as it was.
        const known = current === undefined && authTime !== null ? { authTime } : {};
        const tokens = await call.elevate(sessionId, known);
        return ok({ message: 'the password was changed', ...tokens });
      }),
    ),

    guarded('DELETE', '/delete', { apiKeys: false, maxAuthAge: freshLogin }, async (call) => {
      const { userId } = call.auth;
      await changeTogether(async ({ users, identity }) => {
        await identity.sessions.revokeAll(userId, 'account_deleted');
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
