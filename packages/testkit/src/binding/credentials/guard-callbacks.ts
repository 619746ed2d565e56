import type { GuardCallbacks } from '@pawl/http';
import type { BindingSuite } from '../harness/binding-suite.ts';

/** Callbacks that write down what they were called for, and what a page would redirect to. */
const recordingCallbacks = (): { readonly seen: string[]; readonly callbacks: GuardCallbacks } => {
  const seen: string[] = [];
  const named =
    (name: string): NonNullable<GuardCallbacks['onNone']> =>
    async ({ request, error }) => {
      seen.push(`${name} ${error.code}`);
      if (request.header('accept') !== 'text/html') return undefined;
      return { status: 302, headers: { location: `/login?because=${name}` } };
    };
  const [onNone, onExpired, onInvalid] = [named('none'), named('expired'), named('invalid')];
  return { seen, callbacks: { onNone, onExpired, onInvalid } };
};

/** The callbacks of guards (C9). */
export const registerGuardCallbacks = (suite: BindingSuite): void =>
  suite.group('callbacks of guards', () => {
    suite.test('C9: a guard calls one for none, expired and invalid, and refuses', async (t) => {
      const { seen, callbacks } = recordingCallbacks();
      const service = await t.serve({ mount: { fresh: callbacks } });
      const post = (headers: Record<string, string> = {}) =>
        service.send('POST', '/fresh', headers);
      const good = await service.bearer('ann');
      t.hasStatus(await post(good), 200);
      t.same(seen, []);
      t.isRefusal(await post(), 401, 'no_session');
      t.isRefusal(await post({ authorization: 'Bearer x' }), 401, 'invalid_token');
      await service.internals.wait(600_000);
      t.isRefusal(await post(good), 401, 'token_expired');
      t.same(seen, [
        'none ERR_CREDENTIAL_MISSING',
        'invalid ERR_TOKEN_INVALID',
        'expired ERR_TOKEN_EXPIRED',
      ]);
    });

    suite.test('C9: the response of a callback is sent in place of the refusal', async (t) => {
      const { seen, callbacks } = recordingCallbacks();
      const service = await t.serve({ mount: { fresh: callbacks } });
      const browser = await service.login('ben');
      await service.internals.sessions.revokeAll('ben');
      const accept = { accept: 'text/html' };
      const response = await browser.send('POST', '/fresh', accept);
      t.same([response.status, response.headers['location']], [302, '/login?because=invalid']);
      t.same(response.headers['cache-control'], 'no-store');
      t.same(seen, ['invalid ERR_SESSION_REVOKED']);
      t.same(service.internals.errors.length, 0);
      const none = await service.send('POST', '/fresh', accept);
      t.same([none.status, none.headers['location']], [302, '/login?because=none']);
    });

    suite.test('C9: an outage, a foreign origin and a missing right call none', async (t) => {
      const { seen, callbacks } = recordingCallbacks();
      const service = await t.serve({
        mount: { fresh: callbacks, admin: { ...callbacks, allow: () => false } },
      });
      const browser = await service.login('cat');
      const foreign = { 'sec-fetch-site': 'cross-site' };
      t.isRefusal(await browser.send('POST', '/fresh', foreign), 403, 'csrf_violation');
      t.hasStatus(await browser.send('GET', '/admin'), 403);
      service.internals.store.down = true;
      t.hasStatus(await browser.send('POST', '/fresh'), 503);
      service.internals.store.down = false;
      t.same(seen, []);
    });
  });
