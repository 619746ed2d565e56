import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { newUser } from '../harness/service.ts';

/** Tokens of the wrong kind, and tokens that were changed. */
export const registerTokenKinds = (suite: BindingSuite): void =>
  suite.group('token kinds', () => {
    suite.test('A10: an API key is accepted in the header only and has no session', async (t) => {
      const service = await t.serve();
      const userId = newUser();
      const { apiKeys } = service.internals;
      const { apiKey, keyId } = await apiKeys.create({
        userId,
        name: 'ci',
        claims: { admin: true },
      });
      const bearer = { authorization: `Bearer ${apiKey}` };
      const mine = await service.send('POST', '/mine', bearer);
      t.same(JSON.parse(mine.text), { user: userId, session: null });
      t.hasStatus(await service.send('GET', '/admin', bearer), 200);
      const cookie = { cookie: `access_token=${apiKey}` };
      t.isRefusal(await service.send('GET', '/mine', cookie), 401, 'invalid_token');
      t.isRefusal(await service.send('GET', '/auth/sessions', bearer), 403, 'forbidden');
      t.isRefusal(await service.send('DELETE', '/auth/sessions', bearer), 403, 'forbidden');
      t.isRefusal(await service.send('POST', '/fresh', bearer), 401, 'step_up_required');
      await apiKeys.revoke(keyId);
      t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'invalid_token');
    });

    suite.test('a token of one kind is not accepted as another', async (t) => {
      const service = await t.serve();
      const { accessToken, refreshToken } = await service.internals.sessions.create({
        userId: newUser(),
      });
      const { apiKey } = await service.internals.apiKeys.create({ userId: newUser(), name: 'ci' });
      const bearer = { authorization: `Bearer ${refreshToken}` };
      t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'invalid_token');
      for (const token of [accessToken, apiKey]) {
        const body = JSON.stringify({ refresh_token: token });
        t.isRefusal(
          await service.send('POST', '/auth/refresh', jsonHeaders, body),
          401,
          'invalid_grant',
        );
      }
    });

    suite.test('DP-09: a token that is bound to a key is refused as a bearer token', async (t) => {
      const service = await t.serve();
      const { accessToken } = await service.internals.sessions.create({
        userId: newUser(),
        jkt: 'x'.repeat(43),
      });
      const bearer = { authorization: `Bearer ${accessToken}` };
      t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'invalid_token');
    });

    suite.test('a changed token is refused without a store call', async (t) => {
      const service = await t.serve();
      const { authorization } = await service.bearer();
      const token = authorization.slice('Bearer '.length);
      t.hasStatus(await service.send('GET', '/mine', { authorization }), 200);
      service.internals.store.calls = [];
      for (const changed of changesOf(token)) {
        const response = await service.send('GET', '/mine', {
          authorization: `Bearer ${changed}`,
        });
        t.isRefusal(response, 401, 'invalid_token', changed === '' ? 'empty' : '');
      }
      t.same(service.internals.store.calls, []);
    });
  });

const changesOf = (token: string): string[] => [
  ...Array.from({ length: 40 }, (_, index) => {
    const at = 8 + index * 2;
    return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
  }),
  token.slice(0, -1),
  `${token}=`,
  `${token}A`,
  token.slice(8),
  token.toUpperCase(),
  token.replace('_at_', '_rt_'),
];
