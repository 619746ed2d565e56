import type { Delivery, TokenBody } from '@pawl/http';
import type { Service } from '../service.ts';
import type { AuthenticatedUser } from '../users/accounts.ts';
import type { User } from '../users/user-table.ts';
import type { Call } from './route.ts';

/** The body of a login. */
export type SignInBody = TokenBody & { readonly user: User };

/**
 * Creates the session of a user who has just been authenticated. Returns null if the password was
 * changed or the account deleted in the meantime: the session is then ended, because the change
 * could not know it.
 */
export const signIn = async (
  { accounts, identity }: Pick<Service, 'accounts' | 'identity'>,
  call: Call,
  { user, passwordVersion }: AuthenticatedUser,
  amr: 'pwd' | 'otp',
  deliver: Delivery,
): Promise<SignInBody | null> => {
  const { sessionId, body } = await call.login({ userId: user.id, amr: [amr] }, deliver);
  if (await accounts.hasPasswordVersion(user.id, passwordVersion)) return { user, ...body };
  await identity.sessions.revoke(sessionId, { reason: 'password_changed' });
  return null;
};
