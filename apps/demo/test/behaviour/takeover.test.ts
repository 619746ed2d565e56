import { describe, expect, test } from 'vitest';
import { cookieModes, frameworks } from '../../src/config.ts';
import { ann, origin, type StartedDemo, start } from '../harness/demo.ts';
import { createTestStore, type StoreName } from '../harness/store.ts';

const minute = 60_000;
const next = { current_password: ann.password, new_password: 'another horse' };

const bearer = (service: StartedDemo, token: unknown, path = '/content') =>
  service.send('GET', path, undefined, { authorization: `Bearer ${String(token)}` });

describe('a stolen session does not become the account', () => {
  test('a new API key requires a fresh login or a step-up', async () => {
    await using service = await start({ production: true });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    service.wait(5 * minute + 2_000);
    const refused = await page.send('POST', '/api-keys', { name: 'mine' });
    expect(refused).toMatchObject({ status: 401, body: { error: 'step_up_required' } });
    expect(refused.headers.get('www-authenticate')).toContain('max_age="300"');
    expect((await page.send('GET', '/api-keys')).body).toHaveLength(0);
    // A refresh, and a change of the password that needs the old one, are not a way around it.
    await page.send('POST', '/refresh');
    expect(await page.send('POST', '/api-keys', { name: 'mine' })).toMatchObject({ status: 401 });
    await page.send('POST', '/step-up', { password: ann.password });
    expect(await page.send('POST', '/api-keys', { name: 'mine' })).toMatchObject({ status: 201 });
  });

  test.for<StoreName>(['memory', 'sqlite', 'redis', 'postgres'])(
    'API keys end with the password, on %s',
    async (store) => {
      await using service = await start({}, store);
      const page = service.visitor();
      await page.send('POST', '/register', ann);
      const { body } = await page.send('POST', '/api-keys', { name: 'ci' });
      expect(await bearer(service, body['api_key'])).toMatchObject({ status: 200 });
      const changed = await page.send('POST', '/change-password', next);
      expect(changed.body['message']).toContain('all API keys have ended');
      expect(await bearer(service, body['api_key'])).toMatchObject({ status: 401 });
      expect((await page.send('GET', '/api-keys')).body).toHaveLength(0);
    },
  );

  test.for<StoreName>(['memory', 'sqlite', 'redis'])(
    'a code from before a new password does not log in, on %s',
    async (store) => {
      await using service = await start({}, store);
      const page = service.visitor();
      await page.send('POST', '/register', ann);
      const thief = service.visitor();
      await thief.send('POST', '/code', { username: 'ann' });
      await page.send('POST', '/change-password', next);
      expect(await thief.send('POST', '/code/login', { code: service.codes[0] })).toMatchObject({
        status: 401,
        body: { error: 'invalid_code' },
      });
      expect(await thief.cookies()).toEqual([]);
      await thief.send('POST', '/code', { username: 'ann' });
      expect(await thief.send('POST', '/code/login', { code: service.codes[1] })).toMatchObject({
        status: 200,
      });
    },
  );

  test.for(['password', 'code'])(
    'a login by %s that the new password overtakes has no session',
    async (kind) => {
      await using service = await start();
      const page = service.visitor();
      await page.send('POST', '/register', ann);
      const thief = service.visitor();
      await thief.send('POST', '/code', { username: 'ann' });
      const { sessions } = service.storage.store;
      const create = sessions.create.bind(sessions);
      const changes: number[] = [];
      sessions.create = async (...input) => {
        if (changes.length === 0) {
          changes.push((await page.send('POST', '/change-password', next)).status);
        }
        return create(...input);
      };
      const late =
        kind === 'code'
          ? await thief.send('POST', '/code/login', { code: service.codes[0] })
          : await thief.send('POST', '/login', ann);
      expect(changes).toEqual([200]);
      expect(late).toMatchObject({ status: 401 });
      expect(await thief.send('GET', '/content')).toMatchObject({ status: 401 });
      expect(await thief.send('POST', '/refresh')).toMatchObject({ status: 401 });
      expect((await page.send('GET', '/sessions')).body).toHaveLength(1);
    },
  );

  test('a login between the end of the sessions and the commit of the password is ended', async () => {
    const { config } = await createTestStore('postgres');
    await using service = await start({ store: 'memory', users: config.users });
    const [page, thief] = [service.visitor(), service.visitor()];
    await page.send('POST', '/register', ann);
    const { storage } = service;
    const { changeTogether } = storage;
    const statuses: number[] = [];
    Object.assign(storage, {
      changeTogether: (work: Parameters<typeof changeTogether>[0]) =>
        changeTogether(async (parts) => {
          await work(parts);
          // The old password is still the one that others read.
          statuses.push((await thief.send('POST', '/login', ann)).status);
        }),
    });
    expect(await page.send('POST', '/change-password', next)).toMatchObject({ status: 200 });
    expect(statuses).toEqual([200]);
    expect(await thief.send('GET', '/content')).toMatchObject({ status: 401 });
    expect((await page.send('GET', '/sessions')).body).toHaveLength(1);
  });

  test('an API key that is created during a password change does not survive it', async () => {
    await using service = await start();
    const [page, thief] = [service.visitor(), service.visitor()];
    await page.send('POST', '/register', ann);
    await thief.send('POST', '/login', ann);
    const { apiKeys } = service.storage.store;
    const create = apiKeys.create.bind(apiKeys);
    apiKeys.create = async (...input) => {
      expect(await page.send('POST', '/change-password', next)).toMatchObject({ status: 200 });
      return create(...input);
    };
    expect(await thief.send('POST', '/api-keys', { name: 'mine' })).toMatchObject({ status: 401 });
    expect((await page.send('GET', '/api-keys')).body).toHaveLength(0);
  });
});

describe.for(
  frameworks.flatMap((framework) => cookieModes.map((cookies) => ({ framework, cookies }))),
)('a logout in $framework, cookies: $cookies', ({ framework, cookies }) => {
  const refreshCookie = cookies === 'pair' ? 'refresh_token' : 'session';

  test('by the refresh cookie alone ends the session, and says so', async () => {
    await using service = await start({ framework, cookies });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const [thief, late] = [await page.copy(), await page.copy()];
    const cookie = `${refreshCookie}=${await page.cookie(refreshCookie)}`;
    // As curl sends it, and as a browser does whose access cookie is gone.
    const reply = await service.send('POST', '/logout', undefined, { cookie });
    expect(reply).toMatchObject({ status: 200, body: { message: 'logged out' } });
    const cleared = reply.headers.getSetCookie().join('\n');
    for (const name of await page.cookies()) expect(cleared).toContain(`${name}=;`);
    expect(await thief.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await late.send('POST', '/refresh')).toMatchObject({ status: 401 });
    const again = await service.send('POST', '/logout', undefined, { cookie, origin });
    expect(again).toMatchObject({
      status: 200,
      body: { message: 'there was no session to end' },
    });
  });

  test('of a program, by one token in the body or the header', async () => {
    await using service = await start({ framework, cookies });
    for (const by of ['refresh_token', 'access_token']) {
      const login = by === 'refresh_token' ? '/register' : '/login';
      const { body } = await service.send('POST', login, { ...ann, deliver: 'body' });
      const reply =
        by === 'refresh_token'
          ? await service.send('POST', '/logout', { refresh_token: body['refresh_token'] })
          : await service.send('POST', '/logout', undefined, {
              authorization: `Bearer ${String(body['access_token'])}`,
            });
      expect(reply).toMatchObject({ status: 200, body: { message: 'logged out' } });
      expect(await bearer(service, body['access_token'])).toMatchObject({ status: 401 });
    }
  });

  test('of nobody does not say that somebody is logged out', async () => {
    await using service = await start({ framework, cookies });
    for (const headers of [{}, { cookie: `${refreshCookie}=garbage` }]) {
      expect(await service.send('POST', '/logout', undefined, headers)).toMatchObject({
        status: 200,
        body: { message: 'there was no session to end' },
      });
    }
  });
});
