import { isPawlError } from '@pawl/core';
import type { Service } from '../service.ts';
import { codeLogin, codeRequest, readBody } from './body.ts';
import { Refused } from './refused.ts';
import { limited, ok, open, type Route } from './route.ts';

/**
 * A login without a password, by a code that works once: what a magic link carries.
 * It is typed in, not clicked: a token in an address is in everybody's history.
 */
export const codeRoutes = ({ accounts, identity, deliverCode }: Service): readonly Route[] => [
  limited(
    'code',
    open('POST', '/code', async (call) => {
      const { username } = await readBody(call, codeRequest);
      await call.checkOrigin();
      if (!deliverCode) {
        throw new Refused(501, 'not_implemented', 'this service has no way to send a code');
      }
      const user = await accounts.named(username);
      // One for nobody costs as much as one for somebody, and opens nothing.
      const code = await identity.codes.issue({ userId: user?.id ?? null });
      if (user) deliverCode(user, code);
      return ok({ message: 'if there is such a user, a code is on its way' }, 202);
    }),
  ),

  limited(
    'login',
    open('POST', '/code/login', async (call) => {
      const { code, deliver } = await readBody(call, codeLogin);
      if (deliver === 'cookies') await call.checkOrigin();
      const { userId } = await take(identity.codes, code);
      const user = userId === null ? null : await accounts.find(userId);
      if (!user) throw wrongCode();
      return ok({ user, ...(await call.login({ userId: user.id, amr: ['otp'] }, deliver)) });
    }),
  ),
];

const take = async (
  codes: Service['identity']['codes'],
  code: string,
): Promise<{ readonly userId: string | null }> => {
  try {
    return await codes.take(code);
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_TOKEN_INVALID') throw wrongCode();
    throw error;
  }
};

const wrongCode = (): Refused =>
  new Refused(401, 'invalid_code', 'the code is wrong, was used, or has expired');
