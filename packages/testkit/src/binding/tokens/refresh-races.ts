import type { BindingSuite } from '../harness/binding-suite.ts';
import { localOrigin } from '../harness/service.ts';

/** Refresh tokens that are presented several times, or at the same time (ROTATION). */
export const registerRefreshRaces = (suite: BindingSuite): void =>
  suite.group('refresh races', () => {
    suite.test(
      'A19: 64 concurrent refreshes of one token issue one successor and no 5xx',
      async (t) => {
        const service = await t.serve();
        const browser = await service.login();
        const cookie = await browser.cookieHeader('/auth/refresh');
        const headers = { cookie, origin: localOrigin };
        const responses = await Promise.all(
          Array.from({ length: 64 }, () => service.send('POST', '/auth/refresh', headers)),
        );
        const kinds = new Set(responses.map(({ status }) => status));
        for (const response of responses) {
          if (response.status !== 200) t.isRefusal(response, 409, 'refresh_retry');
        }
        t.same(kinds.has(200), true);
        const successors = new Set(
          responses.flatMap(({ cookies }) =>
            cookies.filter((one) => one.startsWith('refresh_token=')),
          ),
        );
        t.same(new Set([...successors].map((one) => one.split(';')[0])).size, 1);
      },
    );

    suite.test('a repeated refresh returns the same tokens', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      const headers = { cookie: await browser.cookieHeader('/auth/refresh'), origin: localOrigin };
      const tokens = async () =>
        (await service.send('POST', '/auth/refresh', headers)).cookies.map(
          (one) => one.split(';')[0],
        );
      const first = await tokens();
      t.same(first.length, 2);
      t.same(await tokens(), first);
    });

    suite.test(
      'a late refresh whose successor is in use is told to retry and keeps its cookies',
      async (t) => {
        const service = await t.serve({ core: { gracePeriod: 100, settlePeriod: 100 } });
        const browser = await service.login();
        const headers = {
          cookie: await browser.cookieHeader('/auth/refresh'),
          origin: localOrigin,
        };
        t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
        t.hasStatus(await browser.send('GET', '/mine'), 200);
        await service.internals.waitForStore(150);
        const late = await service.send('POST', '/auth/refresh', headers);
        t.isRefusal(late, 409, 'refresh_retry');
        t.same(late.cookies, []);
        t.hasStatus(await browser.send('GET', '/mine'), 200);
      },
    );

    suite.test('RT-02: with the preset strict a replay ends the session', async (t) => {
      const service = await t.serve({ core: { preset: 'strict' } });
      const browser = await service.login();
      const headers = { cookie: await browser.cookieHeader('/auth/refresh'), origin: localOrigin };
      t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
      const thief = await service.send('POST', '/auth/refresh', headers);
      t.isRefusal(thief, 401, 'invalid_grant');
      t.same(thief.cookies, []);
      t.isRefusal(await browser.send('GET', '/mine'), 401, 'session_revoked');
      t.same(
        service.internals.events.some(({ type }) => type === 'reuse.detected'),
        true,
      );
    });

    suite.test(
      'RV-04: a refresh that races a logout does not keep the session alive',
      async (t) => {
        const service = await t.serve();
        for (let round = 0; round < 8; round++) {
          const browser = await service.login();
          const cookie = await browser.cookieHeader('/auth/refresh');
          const headers = { cookie, origin: localOrigin };
          const [refreshed, ended] = await Promise.all([
            service.send('POST', '/auth/refresh', headers),
            service.send('POST', '/auth/logout', headers),
          ]);
          t.hasStatus(ended, 204);
          const access = refreshed.cookies.find((one) => one.startsWith('access_token='));
          if (!access) t.isRefusal(refreshed, 401, 'invalid_grant');
          const late = await service.send('GET', '/mine', {
            cookie: access?.split(';')[0] ?? cookie,
          });
          t.isRefusal(late, 401, 'session_revoked');
        }
      },
    );
  });
