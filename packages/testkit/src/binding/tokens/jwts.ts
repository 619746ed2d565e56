import { createJwt, generateSigningKey, jwtAccessTokens } from '@pawl/core/jwt';
import type { BindingSuite } from '../harness/binding-suite.ts';
import { jwtNames } from '../harness/modes.ts';
import type { BearerHeader, Service } from '../harness/service.ts';
import { newUser } from '../harness/service.ts';

/** Returns a function that signs any claims for an existing session. */
const signerFor = async (service: Service, keys: Parameters<typeof createJwt>[0]['keys']) => {
  const { sessions, now } = service.internals;
  const sub = newUser();
  const { sessionId: sid } = await sessions.create({ userId: sub });
  const iat = Math.floor(now() / 1_000);
  const good = { sub, sid, gen: 0, jti: 'x'.repeat(24), iat, exp: iat + 60 };
  return async (changes: object, names: object = {}): Promise<BearerHeader> => {
    const jwt = createJwt({ ...jwtNames, clientId: 'a', ...names, keys, clock: now });
    return { authorization: `Bearer ${await jwt.sign({ ...good, ...changes })}` };
  };
};

/** JWTs with a valid signature and wrong claims. */
export const registerJwts = (suite: BindingSuite): void =>
  suite.group('jwts', () => {
    suite.test('A5: issuer, audience, type and times are checked', async (t) => {
      const keys = [await generateSigningKey('ES256')];
      const accessToken = jwtAccessTokens({ ...jwtNames, keys });
      const service = await t.serve({ core: { accessToken } });
      const sign = await signerFor(service, keys);
      t.hasStatus(await service.send('GET', '/mine', await sign({})), 200);
      const later = Math.floor(service.internals.now() / 1_000) + 600;
      for (const [names, changes] of [
        [{ issuer: 'https://evil.example' }, {}],
        [{ audience: 'https://other.example' }, {}],
        [{ typ: 'logout+jwt' }, {}],
        [{}, { nbf: later }],
        [{}, { iat: later, exp: later + 60 }],
      ]) {
        const response = await service.send('GET', '/mine', await sign(changes ?? {}, names));
        t.isRefusal(response, 401, 'invalid_token', JSON.stringify([names, changes]));
      }
      const stranger = await signerFor(service, [await generateSigningKey('ES256')]);
      t.isRefusal(await service.send('GET', '/mine', await stranger({})), 401, 'invalid_token');
    });

    suite.test('A8: a token whose subject is not the session’s user is refused', async (t) => {
      const keys = [await generateSigningKey('ES256')];
      const service = await t.serve({
        core: { accessToken: jwtAccessTokens({ ...jwtNames, keys }) },
      });
      const sign = await signerFor(service, keys);
      const mallory = await sign({ sub: 'mallory' });
      t.isRefusal(await service.send('GET', '/mine', mallory), 401, 'invalid_session');
    });

    suite.test(
      'RV-06: a token without the id that the revocation check needs is refused',
      async (t) => {
        const keys = [await generateSigningKey('ES256')];
        const core = { accessToken: jwtAccessTokens({ ...jwtNames, keys }) };
        const [service, other] = [
          await t.serve({ core }),
          await t.serve({ mode: 'blocklist', core }),
        ];
        const sign = await signerFor(service, keys);
        for (const changes of [{ sid: undefined }, { gen: undefined }]) {
          t.isRefusal(
            await service.send('GET', '/mine', await sign(changes)),
            401,
            'invalid_token',
          );
        }
        const bearer = await (await signerFor(other, keys))({ sid: undefined });
        t.isRefusal(await other.send('GET', '/mine', bearer), 401, 'invalid_token');
      },
    );

    suite.test('JW-13: the public keys are published without their private parts', async (t) => {
      const keys = [await generateSigningKey('ES256')];
      const service = await t.serve({
        core: { accessToken: jwtAccessTokens({ ...jwtNames, keys }) },
      });
      const { text } = await service.send('GET', '/.well-known/jwks.json');
      const { keys: published } = JSON.parse(text) as { keys: Record<string, unknown>[] };
      t.same(
        published.map(({ kty, d }) => [kty, d]),
        [['EC', undefined]],
      );
    });
  });
