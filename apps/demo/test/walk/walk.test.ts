import { describe, expect, test } from 'vitest';
import { type Config, cookieModes, frameworks } from '../../src/config.ts';
import { ann, start } from '../harness/demo.ts';
import type { StoreName } from '../harness/store.ts';

const stores: readonly StoreName[] = ['sqlite', 'redis', 'postgres'];
const setups = [
  ...frameworks.flatMap((framework) => stores.map((store) => [framework, store] as const)),
  ['hono', 'memory'] as const,
  ['hono', 'mysql'] as const,
].flatMap((setup) => cookieModes.map((cookies) => [...setup, cookies] as const));

describe.for(setups)('the session service on %s and %s, cookies: %s', (setup) => {
  const [framework, store, cookies] = setup;
  const settings: Partial<Config> = { framework, cookies };

  test('S2: all routes, from register to delete', async () => {
    await using service = await start(settings, store);
    const [first, second] = [service.visitor(), service.visitor()];
    const health = { status: 200, body: { status: 'OK' } };
    expect(await first.send('GET', '/health')).toMatchObject(health);
    expect(await first.send('GET', '/ready')).toMatchObject({ status: 200 });
    expect(await first.send('POST', '/register', ann)).toMatchObject({
      status: 201,
      body: { user: { name: 'ann' }, expires_in: expect.any(Number) },
    });
    expect(await second.send('POST', '/register', { ...ann, username: 'ANN' })).toMatchObject({
      status: 409,
    });
    expect(await first.send('GET', '/content')).toMatchObject({
      status: 200,
      body: { message: expect.any(String), user: 'ann', name: 'ann' },
    });
    expect(await first.send('POST', '/refresh')).toMatchObject({ status: 200 });
    expect((await first.send('GET', '/sessions')).body).toHaveLength(1);

    expect(await second.send('POST', '/login', ann)).toMatchObject({ status: 200 });
    const { body } = await first.send('GET', '/sessions');
    const others = (body as unknown as { id: string; current: boolean }[]).filter(
      ({ current }) => !current,
    );
    expect(others).toHaveLength(1);
    expect(await first.send('DELETE', `/sessions/${others[0]?.id}`)).toMatchObject({ status: 204 });
    const revoked = await second.copy();
    expect(await second.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await revoked.send('POST', '/refresh')).toMatchObject({ status: 401 });

    await second.send('POST', '/login', ann);
    const ended = await second.copy();
    const renewed = { current_password: ann.password, new_password: 'stapled horse battery' };
    expect(await first.send('POST', '/change-password', renewed)).toMatchObject({ status: 200 });
    expect(await first.send('GET', '/content')).toMatchObject({ status: 200 });
    expect(await second.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await ended.send('POST', '/refresh')).toMatchObject({ status: 401 });
    expect(await second.send('POST', '/login', ann)).toMatchObject({ status: 401 });

    expect(await first.send('DELETE', '/delete')).toMatchObject({ status: 200 });
    expect(await first.cookies()).toEqual([]);
    const gone = { ...ann, password: renewed.new_password };
    expect(await first.send('POST', '/login', gone)).toMatchObject({ status: 401 });
  });

  test('S1, S2: logout returns 200 and clears all cookies', async () => {
    await using service = await start(settings, store);
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    expect((await page.cookies()).toSorted()).toEqual(
      cookies === 'session' ? ['session'] : ['access_token', 'refresh_token'],
    );
    const signedIn = await page.copy();
    expect(await page.send('POST', '/logout')).toMatchObject({ status: 200 });
    expect(await page.cookies()).toEqual([]);
    expect(await signedIn.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await page.send('POST', '/logout')).toMatchObject({ status: 200 });
  });

  test('default: within the grace period it counts as a lost reply, and changes nothing', async () => {
    await using service = await start(settings, store);
    const owner = service.visitor();
    await owner.send('POST', '/register', ann);
    const straggler = await owner.copy();
    await owner.send('POST', '/refresh');
    expect(await straggler.send('POST', '/refresh')).toMatchObject({ status: 200 });
    const name = cookies === 'session' ? 'session' : 'refresh_token';
    expect(await straggler.cookie(name)).toBe(await owner.cookie(name));
    expect(await owner.send('GET', '/content')).toMatchObject({ status: 200 });
  });

  // A session cookie requires a grace period, which this preset does not have.
  if (cookies === 'session') return;

  test('strict: a used refresh token ends the session for both thief and owner', async () => {
    await using service = await start({ ...settings, preset: 'strict' }, store);
    const owner = service.visitor();
    await owner.send('POST', '/register', ann);
    const thief = await owner.copy();
    await owner.send('POST', '/refresh');
    expect(await owner.send('GET', '/content')).toMatchObject({ status: 200 });
    expect(await thief.send('POST', '/refresh')).toMatchObject({ status: 401 });
    expect(await owner.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await owner.send('POST', '/refresh')).toMatchObject({ status: 401 });
    expect(service.lines.join('')).toContain('"event":"reuse.detected"');
  });
});
