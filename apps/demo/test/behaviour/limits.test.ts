import { describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { ann, origin, start } from '../harness/demo.ts';

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

test('RATE_LIMITS=off removes the limits', async () => {
  await using service = await start({ rateLimits: false });
  for (let tries = 0; tries < 12; tries++) {
    expect(await service.visitor().send('POST', '/login', wrong)).toMatchObject({ status: 401 });
  }
});
