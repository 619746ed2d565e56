import { describe, expect, test } from 'vitest';
import { ann, origin, start } from '../harness/demo.ts';

const settings = { settlePeriod: 0 };

test('a lost reply: the retry receives the same successor', async () => {
  await using service = await start(settings);
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  const before = await page.cookie('refresh_token');
  const lost = await page.send('POST', '/refresh/lose-reply');
  expect(lost).toMatchObject({ status: 200, body: { outcome: 'rotated' } });
  expect(await page.cookie('refresh_token')).toBe(before);
  expect(lost.headers.getSetCookie()).toEqual([]);
  expect(await page.send('POST', '/refresh')).toMatchObject({ status: 200 });
  expect(service.lines.join('')).toContain('"event":"session.replayed"');
  expect(await page.send('GET', '/content')).toMatchObject({ status: 200 });
});

test('a stolen token ends the session once its owner is two rotations ahead', async () => {
  await using service = await start(settings);
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  expect(await page.send('POST', '/refresh/replay-stolen')).toMatchObject({ status: 409 });
  const stolen = await page.send('POST', '/refresh/steal');
  expect(stolen.status).toBe(200);
  expect(JSON.stringify(stolen.body)).not.toContain('pawl_rt_');
  await page.send('POST', '/refresh');
  await page.send('GET', '/content');
  await page.send('POST', '/refresh');
  expect(await page.send('POST', '/refresh/replay-stolen')).toMatchObject({
    status: 200,
    body: { outcome: 'refused', error: 'ERR_REUSE_DETECTED' },
  });
  expect(await page.send('GET', '/content')).toMatchObject({ status: 401 });
});

test('the experiments require a refresh cookie and the right origin', async () => {
  await using service = await start(settings);
  const page = service.visitor();
  expect(await page.send('POST', '/refresh/steal')).toMatchObject({ status: 401 });
  await page.send('POST', '/register', ann);
  const access = await page.cookie('access_token');
  for (const cookie of [`access_token=${access}`, `refresh_token=${access}`, 'refresh_token=x']) {
    const headers = { cookie, origin };
    expect(await service.send('POST', '/refresh/steal', undefined, headers)).toMatchObject({
      status: 401,
    });
  }
  const cookie = await page.jar.getCookieString(`${origin}/refresh`);
  for (const path of ['/refresh/steal', '/refresh/lose-reply', '/refresh/replay-stolen']) {
    const evil = { cookie, origin: 'https://evil.example' };
    expect(await service.send('POST', path, undefined, evil)).toMatchObject({ status: 403 });
  }
});

describe('with a session cookie', () => {
  const session = { ...settings, cookies: 'session' } as const;

  test('a lost reply: the next request receives the same successor', async () => {
    await using service = await start(session);
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const before = await page.cookie('session');
    // The cookie is due, and yet this response brings none.
    service.wait(11 * 60_000);
    const lost = await page.send('POST', '/refresh/lose-reply');
    expect(lost).toMatchObject({ status: 200, body: { outcome: 'rotated' } });
    expect(lost.headers.getSetCookie()).toEqual([]);
    expect(await page.send('GET', '/content')).toMatchObject({ status: 200 });
    expect(await page.cookie('session')).not.toBe(before);
    expect(await page.send('GET', '/content')).toMatchObject({ status: 200 });
  });

  test('a stolen cookie ends the session once its owner is two rotations ahead', async () => {
    await using service = await start(session);
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    expect(await page.send('POST', '/refresh/steal')).toMatchObject({ status: 200 });
    for (const path of ['/content', '/sessions']) {
      service.wait(11 * 60_000);
      expect(await page.send('GET', path)).toMatchObject({ status: 200 });
    }
    expect(await page.send('POST', '/refresh/replay-stolen')).toMatchObject({
      body: { outcome: 'refused', error: 'ERR_REUSE_DETECTED' },
    });
    expect(await page.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await page.cookies()).toEqual([]);
  });
});
