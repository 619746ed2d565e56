import { isPawlError } from '@pawl/core';
import type { CodePayload } from '../identity.ts';
import type { Service } from '../service.ts';
import { codeLogin, codeRequest, readBody } from './body.ts';
import { DemoError } from './demo-error.ts';
import { ok, publicRoute, type Route, withLimit } from './route.ts';
import { signIn } from './sign-in.ts';

/**
 * Login without a password, by a single-use code as in a magic link. The code is entered and not
 * part of a link, because URLs end up in the browser's history.
 */
export const codeRoutes = (service: Service): readonly Route[] => {
  const { accounts, identity, deliverCode, limitAccount } = service;
  return [
    withLimit(
      'code',
      publicRoute('POST', '/code', async (call) => {
        const { username } = await readBody(call, codeRequest);
        await call.assertOrigin();
        if (!deliverCode) {
          throw new DemoError(501, 'not_implemented', 'this service has no way to send a code');
        }
        await limitAccount('code', username);
        const found = await accounts.findByName(username);
        // For an unknown name a code is issued as well, so that both cases take the same time.
        const code = await identity.codes.issue({
          userId: found?.user.id ?? null,
          passwordVersion: found?.passwordVersion ?? null,
        });
        if (found) deliverCode(found.user, code);
        return ok({ message: 'if there is such a user, a code is on its way' }, 202);
      }),
    ),

    withLimit(
      'login',
      publicRoute('POST', '/code/login', async (call) => {
        const { code, deliver } = await readBody(call, codeLogin);
        if (deliver === 'cookies') await call.assertOrigin();
        const { userId, passwordVersion } = await take(identity.codes, code);
        const found = userId === null ? null : await accounts.findById(userId);
        // A code does not survive a new password. `signIn` checks that again.
        if (found?.passwordVersion !== passwordVersion) throw wrongCode();
        const body = found && (await signIn(service, call, found, 'otp', deliver));
        if (!body) throw wrongCode();
        return ok(body);
      }),
    ),
  ];
};

const take = async (codes: Service['identity']['codes'], code: string): Promise<CodePayload> => {
  try {
    return await codes.take(code);
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_TOKEN_INVALID') throw wrongCode();
    throw error;
  }
};

const wrongCode = (): DemoError =>
  new DemoError(401, 'invalid_code', 'the code is wrong, was used, or has expired');
