import { describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { ann, origin, type StartedDemo, start } from '../harness/demo.ts';

const wrong = { ...ann, password: 'not this one' };

describe.for(frameworks.map((framework) => ({ framework })))('in $framework', ({ framework }) => {
  test('B9: guessing passwords is limited, before the user is looked up', async () => {
    await using service = await start({ framework });
    await service.visitor().send('POST', '/register', ann);
    const { users } = service.storage;
    const byName = users.byName.bind(users);
    let lookups = 0;
    users.byName = (name) => {
      lookups++;
      return byName(name);
    };
    // The sign-up counted as a login.
    for (let tries = 0; tries < 9; tries++) {
      expect(await service.visitor().send('POST', '/login', wrong)).toMatchObject({ status: 401 });
    }
    const refused = await service.visitor().send('POST', '/login', ann);
    expect(refused).toMatchObject({ status: 429, body: { error: 'rate_limited' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(lookups).toBe(9);
    expect(service.lines.join('')).toContain('"event":"rate.limited"');
  });

  test('guessing the password of a session is limited, and so are codes', async () => {
    await using service = await start({ framework });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const statuses = new Set<number>();
    for (let tries = 0; tries < 11; tries++) {
      statuses.add((await page.send('POST', '/step-up', { password: 'wrong' })).status);
      statuses.add((await page.send('POST', '/code', { username: 'ann' })).status);
    }
    expect([...statuses].toSorted((a, b) => a - b)).toEqual([202, 403, 429]);
    expect(service.codes).toHaveLength(5);
    const change = { current_password: ann.password, new_password: 'another horse' };
    expect(await page.send('POST', '/change-password', change)).toMatchObject({ status: 429 });
  });

  test('the client address comes from the trusted proxy only', async () => {
    const ipOf = async (trustedProxies: string[]): Promise<unknown> => {
      await using service = await start({ framework, trustedProxies });
      const headers = { origin, 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
      const body = { ...ann, deliver: 'body' };
      const login = await service.send('POST', '/register', body, headers);
      const authorization = `Bearer ${String(login.body['access_token'])}`;
      const list = await service.send('GET', '/sessions', undefined, { authorization });
      return (list.body as unknown as { ip: string }[])[0]?.ip;
    };
    expect(await ipOf(['127.0.0.0/8'])).toBe('203.0.113.9');
    expect(await ipOf([])).toMatch(/127\.0\.0\.1$/);
  });
});

describe('the limits of an account', () => {
  /** Sends as a client of its own each time, like a program that guesses from many addresses. */
  const attacker = (service: StartedDemo) => {
    let host = 0;
    return (path: string, body: unknown) => {
      host++;
      const address = `198.51.${Math.floor(host / 250)}.${host % 250}`;
      return service.send('POST', path, body, { origin, 'x-forwarded-for': address });
    };
  };
  const trustedProxies = ['127.0.0.0/8', '::1'];
  const statusesOf = async (tries: number, send: () => Promise<{ status: number }>) => {
    const statuses: number[] = [];
    for (let i = 0; i < tries; i++) statuses.push((await send()).status);
    return statuses;
  };

  test.for(frameworks)('B9: end guessing from many addresses, in %s', async (framework) => {
    await using service = await start({ framework, trustedProxies });
    await service.visitor().send('POST', '/register', ann);
    await service.visitor().send('POST', '/register', { ...ann, username: 'bob' });
    const send = attacker(service);
    const { users } = service.storage;
    const byName = users.byName.bind(users);
    let lookups = 0;
    users.byName = (name) => {
      lookups++;
      return byName(name);
    };
    // However the name is written, it is one account.
    const names = ['ann', 'ANN', 'ａｎｎ', ' Ann '];
    let tries = 0;
    const guess = () => send('/login', { ...wrong, username: names[tries++ % names.length] });
    expect(await statusesOf(22, guess)).toEqual([...Array(20).fill(401), 429, 429]);
    expect(lookups).toBe(20);
    const refused = await send('/login', ann);
    expect(refused).toMatchObject({ status: 429, body: { error: 'rate_limited' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(service.lines.join('')).toContain('"route":"account-login"');
    // Nobody else is affected, and the bucket refills.
    expect(await send('/login', { ...ann, username: 'bob' })).toMatchObject({ status: 200 });
    service.wait(30_000);
    expect(await send('/login', ann)).toMatchObject({ status: 200 });
  });

  test('are the same for unknown names, so that they tell nothing', async () => {
    await using service = await start({ trustedProxies });
    const send = attacker(service);
    const guess = () => send('/login', { ...wrong, username: 'nobody' });
    expect(await statusesOf(21, guess)).toEqual([...Array(20).fill(401), 429]);
    const ask = () => send('/code', { username: 'nobody' });
    expect(await statusesOf(6, ask)).toEqual([...Array(5).fill(202), 429]);
  });

  test('hold for the page without script, for codes and for the current password', async () => {
    await using service = await start({ trustedProxies });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const send = attacker(service);
    expect(await statusesOf(6, () => send('/code', { username: 'ann' }))).toEqual([
      ...Array(5).fill(202),
      429,
    ]);
    let host = 0;
    const form = () =>
      fetch(`http://127.0.0.1:${service.demo.port}/plain`, {
        method: 'POST',
        headers: { origin, 'x-forwarded-for': `203.0.113.${host++}` },
        body: new URLSearchParams(wrong),
        redirect: 'manual',
      });
    expect(await statusesOf(21, form)).toEqual([...Array(20).fill(401), 429]);
    const cookie = await page.jar.getCookieString(`${origin}/step-up`);
    const stepUp = () =>
      service.send(
        'POST',
        '/step-up',
        { password: 'wrong' },
        { origin, cookie, 'x-forwarded-for': `203.0.113.${host++}` },
      );
    expect(await statusesOf(21, stepUp)).toEqual([...Array(20).fill(403), 429]);
  });
});

test('RATE_LIMITS=off removes the limits', async () => {
  await using service = await start({ rateLimits: false });
  for (let tries = 0; tries < 12; tries++) {
    expect(await service.visitor().send('POST', '/login', wrong)).toMatchObject({ status: 401 });
  }
});
