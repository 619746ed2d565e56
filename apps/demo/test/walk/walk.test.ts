import { describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { ann, start } from '../harness/demo.ts';
import type { StoreName } from '../harness/store.ts';

const stores: readonly StoreName[] = ['sqlite', 'redis', 'postgres'];
const settings = [
  ...frameworks.flatMap((framework) => stores.map((store) => [framework, store] as const)),
  ['hono', 'memory'] as const,
  ['hono', 'mysql'] as const,
];

describe.for(settings)('the session service on %s and %s', ([framework, store]) => {
  test('S2: all routes, from register to delete', async () => {
    await using service = await start({ framework }, store);
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
      body: { message: expect.any(String), user: { name: 'ann' } },
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
    expect(await second.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await second.send('POST', '/refresh')).toMatchObject({ status: 401 });

    await second.send('POST', '/login', ann);
    const renewed = { current_password: ann.password, new_password: 'stapled horse battery' };
    expect(await first.send('POST', '/change-password', renewed)).toMatchObject({ status: 200 });
    expect(await first.send('GET', '/content')).toMatchObject({ status: 200 });
    expect(await second.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await second.send('POST', '/refresh')).toMatchObject({ status: 401 });
    expect(await second.send('POST', '/login', ann)).toMatchObject({ status: 401 });

    expect(await first.send('DELETE', '/delete')).toMatchObject({ status: 200 });
    expect(await first.cookies()).toEqual([]);
    const gone = { ...ann, password: renewed.new_password };
    expect(await first.send('POST', '/login', gone)).toMatchObject({ status: 401 });
  });

  test('S1, S2: logout returns 200 and clears both cookies', async () => {
    await using service = await start({ framework }, store);
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    expect(await page.cookies()).toHaveLength(2);
    const signedIn = await page.copy();
    expect(await page.send('POST', '/logout')).toMatchObject({ status: 200 });
    expect(await page.cookies()).toEqual([]);
    expect(await signedIn.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await page.send('POST', '/logout')).toMatchObject({ status: 200 });
  });

  test('strict: a used refresh token ends the session for both thief and owner', async () => {
    await using service = await start({ framework, preset: 'strict' }, store);
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

  test('default: within the grace period it counts as a lost reply, and changes nothing', async () => {
    await using service = await start({ framework }, store);
    const owner = service.visitor();
    await owner.send('POST', '/register', ann);
    const straggler = await owner.copy();
    await owner.send('POST', '/refresh');
    expect(await straggler.send('POST', '/refresh')).toMatchObject({ status: 200 });
    expect(await straggler.cookie('refresh_token')).toBe(await owner.cookie('refresh_token'));
    expect(await owner.send('GET', '/content')).toMatchObject({ status: 200 });
  });
});
